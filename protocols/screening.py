"""Who should not press, but see somebody first: the red flags."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RedFlag:
    """Something that self-massage must not be done with; `words` completes "Do you have, or have you had ..."."""

    name: str
    words: str


RED_FLAGS = (
    RedFlag("trauma", "an accident, a fall or a blow to the head or neck before this began"),
    RedFlag("fever", "fever or weight loss that nobody has explained"),
    RedFlag("night-pain", "pain at night that rest does not ease"),
    RedFlag(
        "neurological", "numbness, tingling, weakness, clumsy hands, unsteady walking, or trouble with bladder or bowel"
    ),
    RedFlag("headache", "a sudden or very severe headache, unlike any before"),
    RedFlag("brain-stem", "dizziness, double vision, trouble speaking or swallowing, or sudden falls"),
    RedFlag("cancer-infection", "cancer, or an infection now"),
    RedFlag(
        "vessels", "a blood clot, a stroke, a torn or narrowed neck artery, or blood pressure that is not under control"
    ),
    RedFlag("medicines", "blood thinners, steroids for a long time, or strong painkillers today"),
    RedFlag("bones-joints", "osteoporosis, very loose joints, or an inflammatory joint disease"),
    RedFlag("surgery", "surgery to the neck or shoulder in the last months"),
    RedFlag("pregnancy", "a pregnancy now"),
)
"""From the red flags of IFOMPT's framework and from safety lists for massage."""
