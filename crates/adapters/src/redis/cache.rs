//! Answers that are dear to make, made once.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use ::redis::Script;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::PREFIX;
use super::link::{Away, Link};
use super::local::Answers;

/// How long an answer is good; the same for all who ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// So long it is given as it is.
    pub fresh: Duration,
    /// So long, from its making, it is still given while somebody makes a new one.
    pub stale: Duration,
}

/// Who makes an answer has so long before another may try: they may have died.
const LEASE: Duration = Duration::from_secs(10);
/// Who finds neither an answer nor leave to make one looks again so often,
const LOOK: Duration = Duration::from_millis(25);
/// and at last makes it for themselves.
const PATIENCE: Duration = Duration::from_secs(3);

/// Gives the lease back, if it is still ours.
static RELEASE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0",
    )
});

pub(super) async fn cached<T, E, F>(
    link: Option<&Link>,
    answers: &Answers,
    key: &str,
    keep: Keep,
    make: F,
) -> Result<T, E>
where
    T: Serialize + DeserializeOwned + Send,
    F: Future<Output = Result<T, E>> + Send,
{
    if let Some(link) = link {
        match (Common { link, key: format!("{PREFIX}answer:{key}") }).find(answers, keep).await {
            Ok(Found::Answer(text)) => {
                // What an older version of the program wrote may be something else.
                if let Ok(answer) = serde_json::from_str(&text) {
                    return Ok(answer);
                }
            }
            Ok(Found::Make(lease)) => {
                let answer = make.await;
                if let Ok(answer) = &answer
                    && let Ok(text) = serde_json::to_string(answer)
                {
                    lease.put(&text, keep).await;
                }
                lease.release().await;
                return answer;
            }
            Ok(Found::Nothing) => return make.await,
            Err(Away) => {}
        }
    }
    by_oneself(answers, key, keep, make).await
}

/// In this process alone: one makes it, the others wait, or take the older answer.
async fn by_oneself<T, E, F>(answers: &Answers, key: &str, keep: Keep, make: F) -> Result<T, E>
where
    T: Serialize + DeserializeOwned + Send,
    F: Future<Output = Result<T, E>> + Send,
{
    let turn = answers.turn(key);
    let known = |good_for: Duration| {
        let answer = answers.get(key).filter(|answer| answer.made.elapsed() < good_for)?;
        serde_json::from_str::<T>(&answer.text).ok()
    };
    if let Some(answer) = known(keep.fresh) {
        return Ok(answer);
    }
    let _turn = match turn.try_lock() {
        Ok(turn) => turn,
        Err(_) => {
            if let Some(answer) = known(keep.stale) {
                return Ok(answer);
            }
            let turn = turn.lock().await;
            if let Some(answer) = known(keep.fresh) {
                return Ok(answer);
            }
            turn
        }
    };
    let answer = make.await?;
    if let Ok(text) = serde_json::to_string(&answer) {
        answers.put(key, &text, keep.stale);
    }
    Ok(answer)
}

pub(super) async fn forget(link: Option<&Link>, answers: &Answers, key: &str) {
    answers.remove(key);
    if let Some(link) = link {
        let key = format!("{PREFIX}answer:{key}");
        // While it is away it forgets by itself: answers are kept for seconds.
        let _gone: Result<(), Away> =
            link.ask(|mut c| async move { ::redis::cmd("DEL").arg(key).query_async(&mut c).await }).await;
    }
}

/// An answer that all processes share.
struct Common<'a> {
    link: &'a Link,
    key: String,
}

enum Found<'a> {
    Answer(String),
    /// It is ours to make.
    Make(Lease<'a>),
    /// Somebody else should have made it and didn't.
    Nothing,
}

impl<'a> Common<'a> {
    async fn find(self, answers: &Answers, keep: Keep) -> Result<Found<'a>, Away> {
        let began = Instant::now();
        // Of one process only one waits in the Redis' line.
        let turn = answers.turn(&self.key);
        let mut ours = None;
        loop {
            if let Some((text, age)) = self.get(keep).await? {
                if age < keep.fresh {
                    return Ok(Found::Answer(text));
                }
                return Ok(match self.lease().await? {
                    Some(token) => Found::Make(Lease { common: self, token }),
                    None => Found::Answer(text),
                });
            }
            if ours.is_none() {
                ours = Some(turn.lock().await);
                // Whoever was before us may have made it.
                continue;
            }
            if let Some(token) = self.lease().await? {
                return Ok(Found::Make(Lease { common: self, token }));
            }
            if began.elapsed() > PATIENCE {
                return Ok(Found::Nothing);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The answer and its age.
    async fn get(&self, keep: Keep) -> Result<Option<(String, Duration)>, Away> {
        let key = self.key.as_str();
        let (text, left): (Option<String>, i64) = self
            .link
            .ask(|mut c| async move {
                ::redis::pipe().cmd("GET").arg(key).cmd("PTTL").arg(key).query_async(&mut c).await
            })
            .await?;
        let left = Duration::from_millis(u64::try_from(left).unwrap_or_default());
        Ok(text.map(|text| (text, keep.stale.saturating_sub(left))))
    }

    /// Leave to make it; none when somebody has it.
    async fn lease(&self) -> Result<Option<String>, Away> {
        let (key, token) = (format!("{}:lease", self.key), Uuid::now_v7().to_string());
        let asked = token.clone();
        let got: Option<String> = self
            .link
            .ask(|mut c| async move {
                ::redis::cmd("SET")
                    .arg(key)
                    .arg(asked)
                    .arg("NX")
                    .arg("PX")
                    .arg(millis(LEASE))
                    .query_async(&mut c)
                    .await
            })
            .await?;
        Ok(got.map(|_| token))
    }
}

/// Leave to make an answer.
struct Lease<'a> {
    common: Common<'a>,
    token: String,
}

impl Lease<'_> {
    async fn put(&self, text: &str, keep: Keep) {
        let key = self.common.key.as_str();
        // If it can't be kept now, the next one makes it again.
        let _put: Result<(), Away> = self
            .common
            .link
            .ask(|mut c| async move {
                ::redis::cmd("SET")
                    .arg(key)
                    .arg(text)
                    .arg("PX")
                    .arg(millis(keep.stale))
                    .query_async(&mut c)
                    .await
            })
            .await;
    }

    async fn release(self) {
        let mut call = RELEASE.prepare_invoke();
        call.key(format!("{}:lease", self.common.key)).arg(self.token);
        // Else it ends by itself.
        let _released: Result<i64, Away> =
            self.common.link.ask(|mut c| async move { call.invoke_async(&mut c).await }).await;
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).max(1)
}
