"""All mutants: deliberate mistakes in the engine, each of which a law must notice."""

from tests.filters.mutation.answers import ANSWERS
from tests.filters.mutation.keys import KEYS
from tests.filters.mutation.measures import MEASURES
from tests.filters.mutation.operators import OPERATORS
from tests.filters.mutation.plans import PLANS
from tests.filters.mutation.rows import ROWS
from tests.filters.mutation.times import TIMES
from tests.filters.mutation.values import VALUES

MUTANTS = (*OPERATORS, *VALUES, *ANSWERS, *TIMES, *ROWS, *MEASURES, *PLANS, *KEYS)
