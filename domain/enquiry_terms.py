"""How a park treats enquiries where it has not said so itself."""

from __future__ import annotations

#: Working hours within which an enquiry is to be answered: two days.
ANSWER_HOURS, MOST_ANSWER_HOURS = 16, 400
#: Days for which the person of an enquiry is kept: two years.
KEPT_DAYS, MOST_KEPT_DAYS = 730, 3650
#: Version of the consent line that is shown now; earlier lines stay in the texts, as enquiries name theirs.
CONSENT = "1"
