"""Which forms of log-on names each edition understands, each with its source; part of the editions' data."""

from .names import Form
from .sources import Fact, Source

_DELEGATES = (Form.DOMAIN_ALIAS_ALIAS, Form.DOMAIN_ALIAS_UPN, Form.UPN_ALIAS, Form.UPN_UPN)


def _forms(accepted: bool, source: Source, *forms: Form) -> dict[Form, Fact[bool]]:
    return {form: Fact(accepted, source) for form in forms}


FORMS_2000 = {
    **_forms(False, Source.MSXFAQ, Form.ALIAS),  # unless it is the sAMAccountName as well
    **_forms(True, Source.MSXFAQ, Form.SAM, Form.DOMAIN_SAM),
    **_forms(True, Source.KB_322826, Form.DOMAIN_SAM_ALIAS, Form.UPN),
    **_forms(False, Source.MSXFAQ, Form.PRIMARY, Form.PROXY),
    **_forms(False, Source.ASSUMED, *_DELEGATES, Form.UPN_BACKSLASH_ALIAS),
}
FORMS_2003 = {**FORMS_2000, **_forms(False, Source.OXPOP3_NOT_FOLLOWED, *_DELEGATES)}
FORMS_2007 = {
    **FORMS_2000,
    **_forms(True, Source.KB_937359, Form.UPN),
    **_forms(False, Source.KB_937359, Form.DOMAIN_SAM_ALIAS, *_DELEGATES, Form.UPN_BACKSLASH_ALIAS),
}
FORMS_2010 = {
    **FORMS_2007,
    **_forms(True, Source.MSXFAQ, Form.UPN),
    **_forms(False, Source.MSXFAQ, Form.DOMAIN_SAM_ALIAS),
    **_forms(False, Source.OXPOP3_NOT_FOLLOWED, *_DELEGATES),
    **_forms(False, Source.ASSUMED, Form.UPN_BACKSLASH_ALIAS),
}
FORMS_2013 = {
    **_forms(False, Source.MSXFAQ_IMAP, Form.ALIAS),
    **_forms(True, Source.MSXFAQ_IMAP, Form.SAM, Form.DOMAIN_SAM, Form.UPN),
    **_forms(True, Source.CARRIED_OVER, Form.DOMAIN_SAM_ALIAS),
    **_forms(False, Source.ASSUMED, Form.PRIMARY, Form.PROXY, Form.UPN_BACKSLASH_ALIAS),
    **_forms(True, Source.OXPOP3_2_2_2, *_DELEGATES),
}
FORMS_2016 = {**FORMS_2013, **_forms(True, Source.PARSEDMARC_144, Form.DOMAIN_SAM_ALIAS)}
FORMS_2019 = {
    **FORMS_2016,
    **_forms(False, Source.CARRIED_OVER, Form.ALIAS),
    **_forms(True, Source.CARRIED_OVER, Form.SAM, Form.DOMAIN_SAM, Form.DOMAIN_SAM_ALIAS, Form.UPN),
}
FORMS_SE = {**FORMS_2019, **_forms(True, Source.CARRIED_OVER, *_DELEGATES)}
FORMS_ONLINE = {**_forms(False, Source.BASIC_AUTH_OFF, *Form), **_forms(True, Source.OAUTH, Form.UPN)}
FORMS_RFC = {**_forms(False, Source.OWN, *Form), **_forms(True, Source.OWN, Form.ALIAS, Form.UPN)}
