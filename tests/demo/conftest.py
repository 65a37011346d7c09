"""The heads that the tests of the demo look at, each built once."""

from pathlib import Path

import pytest

from facial_retarget.demo.makehuman import Head, Identity, MakeHuman, identities


@pytest.fixture(scope="session")
def makehuman(assets: Path) -> MakeHuman:
    return MakeHuman(assets)


@pytest.fixture(scope="session")
def base(makehuman: MakeHuman) -> Head:
    """MakeHuman's own face."""
    return makehuman.head(Identity("base", {}))


@pytest.fixture(scope="session", params=list(identities()))
def head(request: pytest.FixtureRequest, makehuman: MakeHuman) -> Head:
    """Each of the identities that come with the demo."""
    return makehuman.head(identities()[request.param])
