"""Issues the certificates of the Lab in the page, since a page cannot make any: no library for it runs there.

They are as valid as trustme makes them, years on from the build of the site. Their keys are published with
them, which does no harm, because nothing but the page trusts the CA.
"""

from pathlib import Path

from minipop.page.stage import ISSUES
from minipop.server import CERTIFICATES

#: Who issues: the CA of the Lab, and the attacker's.
ORGANIZATIONS = ("minipop", "Mallory")


def issue(folder: Path) -> None:
    """Fill a folder with certificates, as `minipop.page.stage.ISSUED` wants them.

    Args:
        folder: is made if it is not there.
    """
    from trustme import CA  # here, because it takes 0.1 s and loads cryptography

    for organization in ORGANIZATIONS:
        own = folder / organization
        own.mkdir(parents=True, exist_ok=True)
        ca = CA(organization_name=organization, organization_unit_name="Muster GmbH")
        ca.cert_pem.write_to_path(own / "ca.pem")
        for which, says in CERTIFICATES.items():
            for number in range(ISSUES):
                leaf = ca.issue_cert(*says.names, common_name=says.names[0], not_after=says.not_after)
                leaf.private_key_and_cert_chain_pem.write_to_path(own / f"{which}-{number}.pem")
