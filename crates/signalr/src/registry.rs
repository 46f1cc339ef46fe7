//! Who is connected, and who belongs to which group and user.

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
    sync::{Arc, OnceLock},
};

use axum::extract::ws::Utf8Bytes;
use parking_lot::RwLock;
use tokio_util::sync::CancellationToken;

use crate::{
    ConnectionId,
    close::CloseReason,
    outbox::{Outbox, Refused},
};

/// A connection as others see it.
#[derive(Debug)]
pub(crate) struct Member<U> {
    pub(crate) id: ConnectionId,
    pub(crate) user: U,
    pub(crate) user_key: Option<String>,
    pub(crate) outbox: Outbox,
    /// Tells the connection's task to end.
    pub(crate) closing: CancellationToken,
    /// Why it is to end. The first reason counts.
    pub(crate) close_reason: OnceLock<CloseReason>,
}

impl<U> Member<U> {
    pub(crate) fn close(&self, reason: CloseReason) {
        // A later reason is of no interest.
        let _ = self.close_reason.set(reason);
        self.closing.cancel();
    }

    /// Why the connection ends, once it is told to; without a reason of its own the server is closing.
    pub(crate) fn close_reason(&self) -> &CloseReason {
        self.close_reason.get_or_init(|| CloseReason::Shutdown)
    }

    /// Queues an event; `false` when the connection does not take it any more.
    pub(crate) fn send(&self, message: Utf8Bytes) -> bool {
        match self.outbox.try_push(message) {
            Ok(()) => true,
            Err(Refused::Ended) => false,
            Err(Refused::Full) => {
                self.close(CloseReason::SlowConsumer);
                false
            }
        }
    }
}

/// The connections of one process.
#[derive(Debug)]
pub(crate) struct Registry<U> {
    inner: RwLock<Inner<U>>,
}

#[derive(Debug)]
struct Inner<U> {
    connections: HashMap<ConnectionId, Entry<U>>,
    groups: Index<Arc<str>>,
    users: Index<String>,
}

#[derive(Debug)]
struct Entry<U> {
    member: Arc<Member<U>>,
    groups: HashSet<Arc<str>>,
}

type Index<K> = HashMap<K, HashSet<ConnectionId>>;

impl<U> Default for Registry<U> {
    fn default() -> Self {
        let inner = Inner { connections: HashMap::new(), groups: HashMap::new(), users: HashMap::new() };
        Self { inner: RwLock::new(inner) }
    }
}

impl<U> Registry<U> {
    pub(crate) fn insert(&self, member: &Arc<Member<U>>) {
        let mut inner = self.inner.write();
        if let Some(user) = &member.user_key {
            inner.users.entry(user.clone()).or_default().insert(member.id.clone());
        }
        let entry = Entry { member: Arc::clone(member), groups: HashSet::new() };
        inner.connections.insert(member.id.clone(), entry);
    }

    pub(crate) fn remove(&self, id: &ConnectionId) {
        let mut inner = self.inner.write();
        let Some(entry) = inner.connections.remove(id) else { return };
        for group in &entry.groups {
            unlink(&mut inner.groups, group.as_ref(), id);
        }
        if let Some(user) = &entry.member.user_key {
            unlink(&mut inner.users, user.as_str(), id);
        }
    }

    /// `false` when there is no such connection. Adding twice is adding once.
    pub(crate) fn add_to_group(&self, id: &ConnectionId, group: &str) -> bool {
        let mut inner = self.inner.write();
        let inner = &mut *inner;
        let Some(entry) = inner.connections.get_mut(id) else { return false };
        let group = match inner.groups.get_key_value(group) {
            Some((name, _)) => Arc::clone(name),
            None => Arc::from(group),
        };
        entry.groups.insert(Arc::clone(&group));
        inner.groups.entry(group).or_default().insert(id.clone());
        true
    }

    /// `false` when the connection was not in the group.
    pub(crate) fn remove_from_group(&self, id: &ConnectionId, group: &str) -> bool {
        let mut inner = self.inner.write();
        let Some(entry) = inner.connections.get_mut(id) else { return false };
        let was_in = entry.groups.remove(group);
        if was_in {
            unlink(&mut inner.groups, group, id);
        }
        was_in
    }

    /// Takes the connections of a user out of the groups that `keep` refuses; how many memberships ended.
    pub(crate) fn retain_groups(&self, user: &str, mut keep: impl FnMut(&str) -> bool) -> usize {
        // `keep` is foreign code, so it must not run under the lock.
        let mut memberships = Vec::new();
        {
            let inner = self.inner.read();
            for id in inner.users.get(user).into_iter().flatten() {
                let groups = inner.connections.get(id).into_iter().flat_map(|entry| &entry.groups);
                memberships.extend(groups.map(|group| (id.clone(), Arc::clone(group))));
            }
        }
        memberships.retain(|(_, group)| !keep(group));
        memberships.iter().filter(|(id, group)| self.remove_from_group(id, group)).count()
    }

    pub(crate) fn get(&self, id: &ConnectionId) -> Option<Arc<Member<U>>> {
        self.inner.read().connections.get(id).map(|entry| Arc::clone(&entry.member))
    }

    pub(crate) fn all(&self) -> Vec<Arc<Member<U>>> {
        self.inner.read().connections.values().map(|entry| Arc::clone(&entry.member)).collect()
    }

    pub(crate) fn of_group(&self, group: &str) -> Vec<Arc<Member<U>>> {
        let inner = self.inner.read();
        inner.members(inner.groups.get(group))
    }

    /// The members of any of the groups, each once.
    pub(crate) fn of_groups(&self, groups: &[impl AsRef<str>]) -> Vec<Arc<Member<U>>> {
        let inner = self.inner.read();
        let ids: HashSet<&ConnectionId> =
            groups.iter().filter_map(|group| inner.groups.get(group.as_ref())).flatten().collect();
        let entries = ids.into_iter().filter_map(|id| inner.connections.get(id));
        entries.map(|entry| Arc::clone(&entry.member)).collect()
    }

    pub(crate) fn of_user(&self, user: &str) -> Vec<Arc<Member<U>>> {
        let inner = self.inner.read();
        inner.members(inner.users.get(user))
    }

    pub(crate) fn len(&self) -> usize {
        self.inner.read().connections.len()
    }
}

impl<U> Inner<U> {
    fn members(&self, ids: Option<&HashSet<ConnectionId>>) -> Vec<Arc<Member<U>>> {
        let entries = ids.into_iter().flatten().filter_map(|id| self.connections.get(id));
        entries.map(|entry| Arc::clone(&entry.member)).collect()
    }
}

/// Removes `id` under `key`, and the key with its last id.
fn unlink<K, Q>(index: &mut Index<K>, key: &Q, id: &ConnectionId)
where
    K: Eq + Hash + std::borrow::Borrow<Q>,
    Q: Eq + Hash + ?Sized,
{
    if let Some(ids) = index.get_mut(key) {
        ids.remove(id);
        if ids.is_empty() {
            index.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connect(registry: &Registry<()>, user: Option<&str>) -> ConnectionId {
        let member = Arc::new(Member {
            id: ConnectionId::random(),
            user: (),
            user_key: user.map(str::to_owned),
            outbox: Outbox::new(1, 100),
            closing: CancellationToken::new(),
            close_reason: OnceLock::new(),
        });
        registry.insert(&member);
        member.id.clone()
    }

    fn ids(members: &[Arc<Member<()>>]) -> Vec<&ConnectionId> {
        members.iter().map(|member| &member.id).collect()
    }

    #[test]
    fn adding_to_a_group_twice_is_adding_once() {
        let registry = Registry::default();
        let id = connect(&registry, None);
        assert!(registry.add_to_group(&id, "g"));
        assert!(registry.add_to_group(&id, "g"));
        assert_eq!(ids(&registry.of_group("g")), [&id]);
        assert!(registry.remove_from_group(&id, "g"));
        assert!(registry.of_group("g").is_empty());
    }

    #[test]
    fn a_member_of_two_groups_is_counted_once() {
        let registry = Registry::default();
        let id = connect(&registry, None);
        registry.add_to_group(&id, "a");
        registry.add_to_group(&id, "b");
        assert_eq!(registry.of_groups(&["a", "b", "c"]).len(), 1);
    }

    #[test]
    fn leaving_a_group_one_is_not_in_is_harmless() {
        let registry = Registry::default();
        let id = connect(&registry, None);
        assert!(!registry.remove_from_group(&id, "g"));
        assert!(!registry.remove_from_group(&ConnectionId::random(), "g"));
    }

    #[test]
    fn a_connection_that_is_gone_cannot_join() {
        let registry = Registry::<()>::default();
        assert!(!registry.add_to_group(&ConnectionId::random(), "g"));
        assert!(registry.inner.read().groups.is_empty());
    }

    #[test]
    fn a_user_is_all_its_connections() {
        let registry = Registry::default();
        let mut mine = [connect(&registry, Some("a")), connect(&registry, Some("a"))];
        connect(&registry, Some("b"));
        connect(&registry, None);
        mine.sort();
        let members = registry.of_user("a");
        let mut found = ids(&members);
        found.sort();
        assert_eq!(found, [&mine[0], &mine[1]]);
    }

    #[test]
    fn removing_a_connection_leaves_nothing_behind() {
        let registry = Registry::default();
        let id = connect(&registry, Some("a"));
        registry.add_to_group(&id, "g");
        registry.remove(&id);
        registry.remove(&id);
        let inner = registry.inner.read();
        assert!(inner.connections.is_empty() && inner.groups.is_empty() && inner.users.is_empty());
    }

    #[test]
    fn retaining_groups_concerns_one_user_only() {
        let registry = Registry::default();
        let (a, b) = (connect(&registry, Some("a")), connect(&registry, Some("b")));
        for id in [&a, &b] {
            registry.add_to_group(id, "kept");
            registry.add_to_group(id, "lost");
        }
        assert_eq!(registry.retain_groups("a", |group| group == "kept"), 1);
        assert_eq!(ids(&registry.of_group("lost")), [&b]);
        assert_eq!(registry.of_group("kept").len(), 2);
    }

    #[test]
    fn a_member_that_does_not_keep_up_is_told_to_close() {
        let registry = Registry::default();
        let id = connect(&registry, None);
        let member = registry.get(&id).unwrap();
        assert!(member.send("a".into()));
        assert!(!member.closing.is_cancelled());
        assert!(!member.send("b".into()));
        assert!(member.closing.is_cancelled());
        assert!(matches!(member.close_reason.get(), Some(CloseReason::SlowConsumer)));
    }
}
