use std::sync::LazyLock;
use std::time::Duration;

use ::redis::Script;

use super::PREFIX;
use super::link::{Away, Link};

/// So many a minute; they may come all at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    per_minute: u32,
}

const MINUTE_US: u64 = 60_000_000;

impl Quota {
    /// At least one a minute.
    pub fn per_minute(many: u32) -> Quota {
        Quota { per_minute: many.max(1) }
    }

    /// Microseconds between two at an even pace; at least 1, so more than a million a second is no limit.
    pub(super) fn interval_us(self) -> u64 {
        (MINUTE_US / u64::from(self.per_minute)).max(1)
    }

    /// How far ahead of the even pace one may be, in microseconds.
    pub(super) fn window_us(self) -> u64 {
        self.interval_us() * u64::from(self.per_minute)
    }
}

/// Whether a request is within its quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// How many a minute are allowed.
    pub limit: u32,
    /// How many more may come at once now.
    pub remaining: u32,
    /// When all of the quota is there again, if nothing more comes.
    pub reset: Duration,
    /// When to try again; none when this one is allowed.
    pub retry_after: Option<Duration>,
}

impl Verdict {
    /// `ahead`: how far ahead of the even pace this one is, or would be.
    pub(super) fn of(quota: Quota, ahead_us: u64) -> Verdict {
        let (interval, window) = (quota.interval_us(), quota.window_us());
        let over = ahead_us.saturating_sub(window);
        let allowed = over == 0;
        let used = if allowed { ahead_us } else { ahead_us.saturating_sub(interval) };
        Verdict {
            limit: quota.per_minute,
            remaining: u32::try_from(window.saturating_sub(used) / interval).unwrap_or(u32::MAX),
            reset: Duration::from_micros(used),
            retry_after: (!allowed).then(|| Duration::from_micros(over)),
        }
    }
}

/// The even pace, by the Redis' own clock: how far ahead of it this one is. One that goes too far isn't counted.
static TAKE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local t = redis.call('TIME')
         local now = t[1] * 1000000 + t[2]
         local tat = tonumber(redis.call('GET', KEYS[1]) or now)
         if tat < now then tat = now end
         local ahead = tat + ARGV[1] - now
         if ahead <= tonumber(ARGV[2]) then
           redis.call('SET', KEYS[1], string.format('%.0f', now + ahead), 'PX', math.ceil(ahead / 1000))
         end
         return ahead",
    )
});

pub(super) async fn take(link: &Link, key: &str, quota: Quota) -> Result<Verdict, Away> {
    let mut call = TAKE.prepare_invoke();
    call.key(format!("{PREFIX}limit:{key}")).arg(quota.interval_us()).arg(quota.window_us());
    let ahead: u64 = link.ask(|mut c| async move { call.invoke_async(&mut c).await }).await?;
    Ok(Verdict::of(quota, ahead))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_counts_down_and_then_says_when_to_come_again() {
        let quota = Quota::per_minute(3);
        let at = |taken: u64| Verdict::of(quota, taken * quota.interval_us());
        assert_eq!([1, 2, 3].map(|n| at(n).remaining), [2, 1, 0]);
        assert_eq!(at(3).retry_after, None);
        let refused = at(4);
        assert_eq!((refused.remaining, refused.retry_after), (0, Some(Duration::from_secs(20))));
        assert_eq!(refused.reset, Duration::from_secs(60));
    }

    #[test]
    fn no_number_is_too_large() {
        let quota = Quota::per_minute(u32::MAX);
        assert_eq!(Verdict::of(quota, quota.interval_us()).retry_after, None);
        assert_eq!(Quota::per_minute(0), Quota::per_minute(1));
    }
}
