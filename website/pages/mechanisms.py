"""What each version lets through on port 110 before TLS, drawn from the editions for the guide."""

from __future__ import annotations

from minipop.exchange import EDITIONS, Edition
from minipop.exchange.sources import Source
from website import sources
from website.marks import Context, mark
from website.tables import neighbours, span, table

#: The editions that imitate an Exchange.
_EXCHANGE = [edition for edition in EDITIONS.values() if edition.support.value]


@mark("login-type")
def login_type(context: Context) -> str:
    """Draw the defaults of LoginType and EnableGSSAPIAndNTLMAuth."""
    words, cited = context.words("login-type"), sources.load(context.root)

    def row(edition: Edition) -> tuple[str, str, str]:
        default, switch = edition.login_type.value, edition.gssapi_ntlm.value
        return (
            f"`{default.value}`" if default else words["none"],
            f"`${switch}`".lower() if switch is not None else words["none"],
            cited.cite(edition.login_type.source, context.lang),
        )

    rows = neighbours((edition.name, row(edition)) for edition in _EXCHANGE)
    return table(words["head"], [(span(names), *cells) for names, cells in rows])


@mark("ntlm-before-tls")
def ntlm_before_tls(context: Context) -> str:
    """Draw whether NTLM and Kerberos may be used before TLS; “open” where the sources disagree."""
    words, cited = context.words("ntlm-before-tls"), sources.load(context.root)
    rows = neighbours((edition.name, edition.negotiated_before_tls) for edition in _EXCHANGE)
    return table(
        words["head"],
        [
            (
                span(names),
                words["open" if fact.source is Source.NTLM_DISPUTED else str(fact.value)],
                cited.cite(fact.source, context.lang),
            )
            for names, fact in rows
        ],
    )
