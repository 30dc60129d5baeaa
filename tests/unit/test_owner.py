import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import psutil
import pytest

from controller.owner import SILENT_AFTER, Owner
from tests.journal_sessions import noon

NOW = noon()
LATER = NOW + timedelta(days=1)


def test_this_process_is_alive_however_long_it_is_silent():
    assert not Owner.this_process().is_gone(flushed_at=NOW, now=LATER)


def test_another_process_with_the_same_number_is_not_the_owner():
    me = Owner.this_process()
    assert replace(me, created_s=me.created_s - 60).is_gone(flushed_at=NOW, now=NOW)
    assert not replace(me, created_s=me.created_s + 1).is_gone(flushed_at=NOW, now=NOW)


@pytest.mark.skipif(not hasattr(os, "waitid"), reason="only here can a test see that a process ended, and let it be")
def test_a_process_that_ended_is_gone_also_while_nobody_has_waited_for_it():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    owner = replace(Owner.this_process(), pid=child.pid, created_s=psutil.Process(child.pid).create_time())
    assert not owner.is_gone(flushed_at=NOW, now=LATER)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert owner.is_gone(flushed_at=NOW, now=NOW)
    child.wait()
    child.stdin.close()
    assert owner.is_gone(flushed_at=NOW, now=NOW)


def test_on_another_host_only_silence_tells():
    elsewhere = replace(Owner.this_process(), host="another-host")
    assert not elsewhere.is_gone(flushed_at=NOW, now=NOW + SILENT_AFTER)
    assert elsewhere.is_gone(flushed_at=NOW, now=NOW + SILENT_AFTER + timedelta(seconds=1))
