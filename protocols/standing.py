"""What stands on every channel - cue, target, alarm - given on change, and once a second while it stands."""

from protocols.commands import Cue, GiveCue, Outcome, Phase, ShowTarget, SoundAlarm
from protocols.cueing import STEADY_NS
from protocols.guard import Verdict
from protocols.session import PauseReason, Standing
from protocols.turn import GUIDED, Turn

REPEAT_NS = 1_000_000_000
"""A standing cue, target or alarm goes out again this often."""

TARGET_STEP_N = 0.1
"""A target that moved less than this has not changed."""

ALARM_NS = 3_000_000_000
"""Still pressed this long after a release cue: alarm."""

LETTING_GO = frozenset({Cue.RELEASE, Cue.DONE})


def give_standing(turn: Turn) -> None:
    """Give what stands now: on change, and once a second."""
    if turn.tool is not None:
        turn.pacing = turn.pacing.within(turn.guard.limit_n)
    _give_cue(turn, _cue(turn))
    _give_target(turn)


def _give_cue(turn: Turn, cue: Cue) -> None:
    old, now_ns = turn.standing, turn.now_ns
    release_ns = old.release_ns
    if cue not in LETTING_GO:
        release_ns = None
    elif release_ns is None:
        release_ns = now_ns
    changed = cue is not old.cue
    cue_ns = old.cue_ns
    if changed or turn.urgent or (cue is not Cue.NONE and now_ns - cue_ns >= REPEAT_NS):
        turn.commands.append(GiveCue(cue, again=not changed))
        cue_ns = now_ns
    alarm_ns = old.alarm_ns
    if release_ns is None or not turn.pressed:
        alarm_ns = None
    elif now_ns - release_ns >= ALARM_NS and (alarm_ns is None or now_ns - alarm_ns >= REPEAT_NS):
        turn.commands.append(SoundAlarm())
        alarm_ns = now_ns
    if cue is not old.cue or cue_ns != old.cue_ns or alarm_ns != old.alarm_ns or release_ns != old.release_ns:
        turn.standing = Standing(cue, cue_ns, release_ns, alarm_ns, old.target, old.target_ns)


def _cue(turn: Turn) -> Cue:
    easing = turn.verdict is not Verdict.FINE
    match turn.phase:
        case Phase.CONTACT:
            return Cue.EASE_OFF if easing else _no_more_yet(turn, Cue.PRESS_MORE, Cue.NONE)
        case Phase.RAMP | Phase.APPROACH | Phase.HOLD:
            return Cue.EASE_OFF if easing else _no_more_yet(turn, turn.pacing.cue, Cue.HOLD)
        case Phase.PAUSED:
            return _paused_cue(turn)
        case Phase.RELEASE:
            if turn.zero is not None and not easing:
                return Cue.NONE
            done = turn.ending is not None and turn.ending.outcome is Outcome.COMPLETE
            return Cue.DONE if done and turn.now_ns - turn.phase_ns < ALARM_NS else Cue.RELEASE
        case Phase.TARE | Phase.REST | Phase.ENDED:
            unseen = turn.contact.touching and not turn.fresh and turn.tool is not None
            return Cue.RELEASE if turn.pressed or easing or unseen else Cue.NONE


def _no_more_yet(turn: Turn, cue: Cue, instead: Cue) -> Cue:
    too_soon = cue is Cue.PRESS_MORE and turn.asking.above_within(turn.now_ns, STEADY_NS)
    return instead if too_soon else cue


def _paused_cue(turn: Turn) -> Cue:
    slipped = turn.pause is not None and turn.pause.why is PauseReason.SLIP
    if not slipped or turn.verdict is not Verdict.FINE:
        return Cue.RELEASE
    return _no_more_yet(turn, Cue.PRESS_MORE, Cue.NONE)


def _give_target(turn: Turn) -> None:
    slipped = turn.pause is not None and turn.pause.why is PauseReason.SLIP
    if turn.phase not in GUIDED and not slipped:
        if turn.standing.target is not None:
            old = turn.standing
            turn.standing = Standing(old.cue, old.cue_ns, old.release_ns, old.alarm_ns)
        return
    pacing, old = turn.pacing, turn.standing
    target = (round(pacing.low_n, 2), round(pacing.aim_n, 2), round(pacing.high_n, 2))
    if target[1] <= 0.0:
        return
    moved = old.target is None or any(abs(a - b) >= TARGET_STEP_N for a, b in zip(target, old.target, strict=True))
    if moved or turn.now_ns - old.target_ns >= REPEAT_NS:
        turn.commands.append(ShowTarget(*target))
        turn.standing = Standing(old.cue, old.cue_ns, old.release_ns, old.alarm_ns, target, turn.now_ns)
