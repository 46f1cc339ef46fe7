//! Issues: what somebody in the field asks others to look at.

text_enum! {
    /// Where a thread stands.
    pub enum IssueState as "issue state" {
        /// It waits for an answer.
        Open = "open",
        /// Somebody else than who asked has written last.
        Answered = "answered",
        /// It is done.
        Resolved = "resolved",
    }
}

text_enum! {
    /// What a post in a thread is.
    pub enum PostKind as "kind of post" {
        /// By who asked.
        Question = "question",
        /// By somebody else.
        Answer = "answer",
        /// It was done.
        Resolved = "resolved",
        /// It was not done after all.
        Reopened = "reopened",
    }
}

/// What somebody does with a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// Writes into it.
    Write,
    /// Ends it.
    Resolve,
    /// Takes it up again.
    Reopen,
}

/// Who does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Writer {
    /// Who asked.
    pub opener: bool,
    /// Who is asked by name.
    pub asked: bool,
    /// Who answers issues.
    pub answers: bool,
}

/// Why it can't be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Done; it must be taken up again first.
    #[error("the issue is resolved")]
    Resolved,
    /// Not done.
    #[error("the issue is not resolved")]
    NotResolved,
    /// Not among those who may.
    #[error("only who asked, who is asked and who answers issues may do this")]
    NotAsked,
}

impl IssueState {
    /// What writing, ending or taking up again makes of a thread that stands so: the post's kind and the new state.
    ///
    /// # Errors
    /// When it stands otherwise, or isn't this person's to do.
    pub fn step(self, doing: Doing, by: Writer) -> Result<(PostKind, Self), Refusal> {
        let ends = by.opener || by.answers;
        match (doing, self) {
            (Doing::Reopen, Self::Open | Self::Answered) => Err(Refusal::NotResolved),
            (Doing::Write | Doing::Resolve, Self::Resolved) => Err(Refusal::Resolved),
            (Doing::Reopen, Self::Resolved) if ends => Ok((PostKind::Reopened, Self::Open)),
            (Doing::Resolve, _) if ends => Ok((PostKind::Resolved, Self::Resolved)),
            (Doing::Write, _) if by.opener => Ok((PostKind::Question, Self::Open)),
            (Doing::Write, _) if by.asked || by.answers => Ok((PostKind::Answer, Self::Answered)),
            _ => Err(Refusal::NotAsked),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPENER: Writer = Writer { opener: true, asked: false, answers: false };
    const ASKED: Writer = Writer { opener: false, asked: true, answers: false };
    const SUPERVISOR: Writer = Writer { opener: false, asked: false, answers: true };
    const READER: Writer = Writer { opener: false, asked: false, answers: false };

    #[test]
    fn a_thread_goes_from_question_to_answer_to_its_end_and_back() {
        let open = IssueState::Open;
        assert_eq!(open.step(Doing::Write, OPENER), Ok((PostKind::Question, IssueState::Open)));
        let (kind, answered) = open.step(Doing::Write, ASKED).unwrap();
        assert_eq!((kind, answered), (PostKind::Answer, IssueState::Answered));
        assert_eq!(answered.step(Doing::Write, OPENER), Ok((PostKind::Question, IssueState::Open)));
        let (_, resolved) = answered.step(Doing::Resolve, SUPERVISOR).unwrap();
        assert_eq!(resolved.step(Doing::Write, OPENER), Err(Refusal::Resolved));
        assert_eq!(resolved.step(Doing::Reopen, OPENER), Ok((PostKind::Reopened, IssueState::Open)));
    }

    #[test]
    fn only_those_whose_matter_it_is_do_something() {
        for doing in [Doing::Write, Doing::Resolve] {
            assert_eq!(IssueState::Open.step(doing, READER), Err(Refusal::NotAsked));
        }
        assert_eq!(IssueState::Open.step(Doing::Resolve, ASKED), Err(Refusal::NotAsked));
        assert_eq!(IssueState::Resolved.step(Doing::Reopen, ASKED), Err(Refusal::NotAsked));
        assert_eq!(IssueState::Open.step(Doing::Reopen, OPENER), Err(Refusal::NotResolved));
    }
}
