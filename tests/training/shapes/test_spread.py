"""Work spread over the processes that torchrun starts."""

import subprocess
import sys
from pathlib import Path

import pytest

from training.shapes.spread import own_share, wait_for_the_others

WORK = """
import sys
from pathlib import Path
from training.shapes.spread import own_share, wait_for_the_others
folder = Path(sys.argv[1])
for number in own_share(range(5)):
    (folder / str(number)).touch()
if wait_for_the_others():
    print(sorted(file.name for file in folder.iterdir()))
"""


def test_one_process_does_it_all() -> None:
    assert own_share("abcde") == list("abcde")
    assert wait_for_the_others()


def test_shares_are_whole_together_and_do_not_overlap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "3")
    shares = []
    for rank in range(3):
        monkeypatch.setenv("RANK", str(rank))
        shares += own_share("abcdefg")
    assert sorted(shares) == list("abcdefg")


@pytest.mark.slow
def test_the_first_process_reports_when_all_are_done(tmp_path: Path, root: Path) -> None:
    pytest.importorskip("torch")
    script, folder = tmp_path / "work.py", tmp_path / "done"
    script.write_text(WORK)
    folder.mkdir()
    torchrun = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--standalone",
        "--nproc-per-node",
        "2",
    ]
    done = subprocess.run(
        [*torchrun, str(script), str(folder)],
        cwd=root,
        env={"PYTHONPATH": str(root), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stdout == "['0', '1', '2', '3', '4']\n", done.stderr
