"""How many questions are answered rightly, with quotes that were read, and how many without an answer are declined."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

from evals.captures import share
from evals.recall_questions.cases import Question, questions
from evals.recall_questions.history import Year, lived
from evals.suite import CaseResult, Outcome, SuiteError
from tools.competitor_recall import CompetitorRecall, CompetitorRecallArguments, competitor_recall

__all__ = ["LOWER_IS_BETTER", "score"]

LOWER_IS_BETTER = frozenset({"milliseconds"})


async def score(cases: Path | None) -> Outcome:
    """Ask every question. Raises SuiteError for cases from elsewhere: the questions go with the history."""
    if cases is not None:
        raise SuiteError("The suite recall_questions has its own history and takes no other cases.")
    async with lived() as year:
        asked = questions(year)
        await _ask(year, asked[0])
        started = perf_counter()
        answers = [await _ask(year, question) for question in asked]
        milliseconds = (perf_counter() - started) * 1000 / len(asked)
        quoted = [await _stands(year, answer) for answer in answers]
    results = [_result(*each) for each in zip(asked, answers, quoted, strict=True)]
    answerable = [result.passed for question, result in zip(asked, results, strict=True) if question.answer is not None]
    others = [result.passed for question, result in zip(asked, results, strict=True) if question.answer is None]
    metrics = {
        "answered": share(answerable),
        "declined": share(others),
        "quotes": share(quoted),
        "milliseconds": round(milliseconds, 2),
    }
    return Outcome(results=results, metrics=metrics)


async def _ask(year: Year, question: Question) -> CompetitorRecall:
    found = await competitor_recall.run(
        CompetitorRecallArguments(question=question.text),
        targets=year,
        memory=year.memory,
        index=year.index,
        clock=year.clock,
    )
    assert isinstance(found, CompetitorRecall)
    return found


async def _stands(year: Year, answer: CompetitorRecall) -> bool:
    """Whether every quote occurs byte for byte in the stored version that it is said to be from."""
    texts = [await year.memory.text_of(citation.version) or "" for citation in answer.citations]
    return all(citation.quote in text for citation, text in zip(answer.citations, texts, strict=True))


def _result(question: Question, answer: CompetitorRecall, quoted: bool) -> CaseResult:
    said = " ".join(answer.sentences).casefold()
    right = not answer.answered if question.answer is None else answer.answered and question.answer.casefold() in said
    wrong = f"said {said[:200]!r}, wanted {question.answer or 'no answer'!r}" + (
        "" if quoted else "; a quote is not stored"
    )
    return CaseResult.model_validate(
        {
            "case": question.text,
            "passed": right and quoted,
            "actual": {"answered": answer.answered, "reason": answer.reason, "said": said[:600]},
            "wanted": question.answer,
            "sort": question.sort,
        }
        | ({} if right and quoted else {"reason": wrong})
    )
