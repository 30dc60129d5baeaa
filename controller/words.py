"""What the person reads: a word for each cue, a sentence for each message, question and reason."""

from protocols.commands import Cue, Message, Outcome, Phase, Question
from protocols.events import HistoryLoaded

CUE = {
    Cue.NONE: "rest",
    Cue.PRESS_MORE: "press more",
    Cue.HOLD: "hold",
    Cue.EASE_OFF: "ease off",
    Cue.RELEASE: "LET GO",
    Cue.DONE: "done, let go",
}

LET_GO = "off: rest"
"""In place of "let go" once that was done."""

PHASE = {
    Phase.TARE: "setting the zero",
    Phase.CONTACT: "place the tool",
    Phase.RAMP: "calibration",
    Phase.APPROACH: "finding your 5",
    Phase.HOLD: "hold",
    Phase.PAUSED: "paused",
    Phase.RELEASE: "let go",
    Phase.REST: "rest",
    Phase.ENDED: "over",
}

QUESTION = {
    Question.TAP_AT_PAIN: "When it first becomes pain, press 3{button}.",
    Question.TAP_AT_FIVE: "When it is {rating} out of 10, press {rating}{button}.",
    Question.RATE_NOW: "What is it now? Press 0 to 9, or t for 10.",
    Question.ARE_YOU_THERE: "Are you there? Let go, and press Enter.",
    Question.GO_ON: "Go on, more gently? Let go, and press Enter. End: q, Space or Esc.",
}

MESSAGE = {
    Message.PUT_TOOL_DOWN: "Let nothing touch the tool: it sets its zero.",
    Message.PLACE_TOOL: "Place the tool on the spot, with a light touch.",
    Message.PRESSURE_FOUND: "Found it. Breathe calmly.",
    Message.FOUND_ABOVE: "That was above your band: less now. Breathe calmly.",
    Message.SLIPPED: "Slipped. Come back within 15 seconds.",
    Message.LINK_LOST: "The tool is out of reach. Let go.",
    Message.LINK_BACK: "The tool is back.",
    Message.BEHIND: "This computer cannot keep up. Let go.",
    Message.CAP_REACHED: "That is as much force as is allowed here. Let go; another spot may suit you better.",
    Message.TOO_MUCH: "Too much. Let go and rest. After 15 seconds you may go on, once; q, Space or Esc ends it.",
    Message.ZERO_OFF: "The tool's zero has moved: the forces of this hold may be wrong.",
    Message.BATTERY_LOW: "The tool's battery is low.",
    Message.STOPPED: "Stopped. Let go. After 15 seconds you may go on, once; q, Space or Esc again ends it now.",
    Message.ADVICE: "Stop for today. If it does not pass soon, or comes back, see a doctor; "
    "if speech, sight or strength is affected, call an emergency number now.",
    Message.TARE_AGAIN: "Let nothing touch the tool: it sets its zero again.",
    Message.RAMP_NEXT: "Rest for about {seconds} seconds; then it rises to your 5 once more.",
    Message.HOLD_NEXT: "The calibration is over. Rest for about {seconds} seconds; then comes the hold.",
    Message.NOT_YET: "Not yet: rest for another {seconds} seconds.",
}

REASON = {
    "dose": "the whole dose was done",
    "calibrated": "every ramp reached your 5",
    "ramps": "not every ramp reached your 5",
    "cap": "your 5 lies above the force allowed here",
    "approach": "5 was not found in the time for the approach",
    "time-at-pressure": "the time at pressure was used up",
    "contact": "the time of contact was used up",
    "day-limit": "8 minutes of contact in 24 hours are the most",
    "same-site": "this site was pressed in the last 24 hours and may still be tender",
    "locked": "this site is locked since a symptom was reported",
    "not-shown": "this site needs to have been shown to you by a clinician",
    "no-contact": "the tool was never placed",
    "slip": "the tool slipped off for more than 15 seconds",
    "silence": "no answer came",
    "link": "the link to the tool was lost",
    "overflow": "this computer could not keep up",
    "person": "you stopped it",
    "ctrl-c": "it was stopped with Ctrl-C",
    "terminated": "the app was told to end",
    "too-much": "it was too much twice",
    "force-limit": "the force stayed above its limit",
    "tared-under-load": "the tool had been zeroed while something pressed on it",
    "sensor": "the force sensor failed",
    "saturated": "the force was beyond what the sensor can measure",
    "not-let-go": "the tool was not let go in the rest",
    "arm": "the tool would not guard by itself",
    "tare": "the tool could not set its zero",
    "too-coarse": "this tool measures in steps too wide to tell one point of discomfort from the next: it can log, "
    "not credit",
    "tool-facts": "what the tool says of itself cannot be true",
    "app": "the app was killed or crashed",
    "running": "it still runs",
    "recording-ended": "the recording came to its end",
}

OUTCOME = {
    Outcome.COMPLETE: "Complete",
    Outcome.SHORT: "Short",
    Outcome.STOPPED: "Stopped",
    Outcome.INTERRUPTED: "Interrupted",
}


SIMULATED = "simulated tool and person"
RECORDED = "simulated tool, force from a recording"
RECORDING = "sim:recording"
"""Whose the journal says a session is that a recording pressed."""


def question_words(question: Question, rating: int = 5, *, has_button: bool = True) -> str:
    """Return a question; `rating` is the answer that TAP_AT_FIVE waits for, `has_button`: whether the tool has one."""
    return QUESTION[question].format(rating=rating, button=", or the tool's button" if has_button else "")


def answer_words(answer: int | str, highest: int) -> str:
    """Return an answer as it was understood; `highest`: the highest one that is in the band."""
    if answer == "in-band":
        return "You said that it is in your band."
    if answer == "too-little":
        return "You said that it is too little."
    if answer == "too-much":
        return "You said that it is too much."
    above = isinstance(answer, int) and answer > highest
    return f"You said {answer}: that is too much." if above else f"You said {answer}."


def message_words(message: Message, seconds: int | None = None) -> str:
    """Return a sentence, with the time that is in it."""
    return MESSAGE[message].format(seconds=seconds)


def known_words(history: HistoryLoaded) -> str:
    """Return what a session begins with from earlier ones at its site; empty if that is nothing."""
    if history.known is None:
        return ""
    days = round(history.known_days)
    when = "today" if days == 0 else "a day ago" if days == 1 else f"{days} days ago"
    five = "" if history.force_at_five_n is None else f": your 5 was at {history.force_at_five_n:.1f} N"
    return f"Begins with what earlier sessions here taught{five} ({when}). It is asked and found anew."


def simulated_words(person: str | None) -> str:
    """Return what of a session is not real, by whom the journal has for it; empty for a real person."""
    if person is None:
        return ""
    return RECORDED if person == RECORDING else SIMULATED


def reason_words(reason: str) -> str:
    """Return a reason as words; one that has none stands for itself."""
    if reason == "symptom-other":
        return "you reported that you felt unwell"
    if reason.startswith("symptom-"):
        return f"you reported {reason.removeprefix('symptom-')}"
    return REASON.get(reason, reason)
