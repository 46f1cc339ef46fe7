//! The newest of each member of a group: where people are.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::Duration;

use ::redis::Script;
use uuid::Uuid;

use super::PREFIX;
use super::link::{Away, Link};

/// The newest of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latest {
    /// Who.
    pub member: Uuid,
    /// Since when it is so, in milliseconds of Unix time.
    pub at: i64,
    /// What, in JSON.
    pub text: String,
}

/// Says it for each member that has nothing newer. Groups are forgotten when nothing is said for a day.
static PUT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "for i = 1, #ARGV, 3 do
           local known = redis.call('HGET', KEYS[1], ARGV[i])
           if not known or tonumber(string.match(known, '^-?%d+')) < tonumber(ARGV[i + 1]) then
             redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1] .. ' ' .. ARGV[i + 2])
           end
         end
         redis.call('EXPIRE', KEYS[1], 86400)",
    )
});

fn key(group: Uuid) -> String {
    format!("{PREFIX}latest:{group}")
}

/// There while the group is known as a whole.
fn whole(group: Uuid) -> String {
    format!("{PREFIX}latest:{group}:whole")
}

pub(super) async fn put(link: &Link, group: Uuid, latest: &[Latest]) -> Result<(), Away> {
    if latest.is_empty() {
        return Ok(());
    }
    let mut call = PUT.prepare_invoke();
    call.key(key(group));
    for one in latest {
        call.arg(one.member.to_string()).arg(one.at).arg(&one.text);
    }
    link.ask(|mut c| async move { call.invoke_async(&mut c).await }).await
}

pub(super) async fn list(link: &Link, group: Uuid) -> Option<Vec<Latest>> {
    let (is_whole, all): (bool, HashMap<String, String>) = link
        .ask(|mut c| async move {
            ::redis::pipe()
                .cmd("EXISTS")
                .arg(whole(group))
                .cmd("HGETALL")
                .arg(key(group))
                .query_async(&mut c)
                .await
        })
        .await
        .ok()?;
    // A Redis that is short of memory may have thrown the one away and kept the other.
    if !is_whole || all.is_empty() {
        return None;
    }
    let read = |(member, known): (String, String)| {
        let (at, text) = known.split_once(' ')?;
        Some(Latest { member: member.parse().ok()?, at: at.parse().ok()?, text: text.to_owned() })
    };
    Some(all.into_iter().filter_map(read).collect())
}

pub(super) async fn fill(link: &Link, group: Uuid, all: &[Latest], valid: Duration) -> Result<(), Away> {
    put(link, group, all).await?;
    let valid = u64::try_from(valid.as_millis()).unwrap_or(u64::MAX).max(1);
    link.ask(|mut c| async move {
        ::redis::cmd("SET").arg(whole(group)).arg(1).arg("PX").arg(valid).query_async(&mut c).await
    })
    .await
}
