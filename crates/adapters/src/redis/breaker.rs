//! Leaves alone what doesn't answer.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// So many failures one after the other, and it is left alone.
const FAILURES: u32 = 3;
/// For so long at first, and twice as long each time, up to [`LONGEST`].
const PAUSE: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, Copy)]
enum State {
    /// It answers; so many failures since it did.
    Closed(u32),
    /// It is left alone until then.
    Open { until: Instant, pause: Duration },
    /// One call tries whether it is back; the others don't wait for it.
    Probing,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Breaker(Mutex<State>);

impl Default for Breaker {
    fn default() -> Self {
        Breaker(Mutex::new(State::Closed(0)))
    }
}

/// Leave for one call. Dropped without a word, as when the caller is cancelled, it says nothing about the other side.
#[derive(Debug)]
pub(super) struct Permit<'a> {
    breaker: &'a Breaker,
    probe: Option<Duration>,
}

impl Breaker {
    /// Leave for a call, unless it is to be left alone.
    pub fn permit(&self, now: Instant) -> Option<Permit<'_>> {
        let mut state = self.0.lock();
        let probe = match *state {
            State::Closed(_) => None,
            State::Open { until, pause } if until <= now => {
                *state = State::Probing;
                Some(pause)
            }
            State::Open { .. } | State::Probing => return None,
        };
        drop(state);
        Some(Permit { breaker: self, probe })
    }
}

impl Permit<'_> {
    /// It answered. Whether it is back just now.
    pub fn answered(mut self) -> bool {
        let back = self.probe.take().is_some();
        *self.breaker.0.lock() = State::Closed(0);
        back
    }

    /// It didn't. Whether it is left alone from now on, or still.
    pub fn failed(mut self, now: Instant) -> bool {
        let mut state = self.breaker.0.lock();
        if let Some(pause) = self.probe.take() {
            let pause = (pause * 2).min(LONGEST);
            *state = State::Open { until: now + pause, pause };
            return true;
        }
        match *state {
            State::Closed(failures) if failures + 1 < FAILURES => {
                *state = State::Closed(failures + 1);
                false
            }
            State::Closed(_) => {
                *state = State::Open { until: now + PAUSE, pause: PAUSE };
                true
            }
            // Others found out before.
            State::Open { .. } | State::Probing => false,
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if let Some(pause) = self.probe {
            *self.breaker.0.lock() = State::Open { until: Instant::now(), pause };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fail(breaker: &Breaker, now: Instant) -> bool {
        breaker.permit(now).unwrap().failed(now)
    }

    #[test]
    fn it_is_left_alone_after_some_failures_and_tried_by_one() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        assert!(!fail(&breaker, now) && !fail(&breaker, now) && fail(&breaker, now));
        assert!(breaker.permit(now).is_none());
        let later = now + PAUSE;
        let probe = breaker.permit(later).unwrap();
        assert!(breaker.permit(later).is_none(), "one probe at a time");
        assert!(probe.failed(later));
        assert!(breaker.permit(later + PAUSE).is_none(), "twice as long");
        assert!(breaker.permit(later + PAUSE * 2).unwrap().answered());
        assert!(!fail(&breaker, later), "counted anew");
    }

    #[test]
    fn an_answer_between_failures_makes_them_forgotten() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        for _ in 0..10 {
            assert!(!fail(&breaker, now) && !fail(&breaker, now));
            assert!(!breaker.permit(now).unwrap().answered());
        }
    }

    #[test]
    fn a_probe_whose_caller_went_away_leaves_room_for_another() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        while !fail(&breaker, now) {}
        drop(breaker.permit(now + PAUSE).unwrap());
        assert!(breaker.permit(Instant::now()).is_some());
    }
}
