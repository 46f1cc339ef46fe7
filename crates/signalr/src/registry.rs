//! Who is connected, and who belongs to which group and user.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use parking_lot::RwLock;
use tokio_util::sync::CancellationToken;

use crate::{
    Audience, ConnectionId, HubOptions, Transport,
    close::CloseReason,
    outbox::{Outbox, Refused},
    proto::Protocol,
    results::Pending,
};

/// A connection as others see it.
#[derive(Debug)]
pub(crate) struct Member<U> {
    pub(crate) id: ConnectionId,
    pub(crate) user: U,
    pub(crate) user_key: Option<String>,
    pub(crate) protocol: Protocol,
    pub(crate) transport: Transport,
    pub(crate) outbox: Outbox,
    /// Calls that wait for an answer of the client.
    pub(crate) pending: Pending,
    /// Tells the connection's task to end.
    pub(crate) closing: CancellationToken,
    /// Why it is to end. The first reason counts.
    close_reason: OnceLock<CloseReason>,
}

impl<U> Member<U> {
    pub(crate) fn new(
        id: ConnectionId,
        user: U,
        user_key: Option<String>,
        protocol: Protocol,
        transport: Transport,
        options: &HubOptions,
        closing: CancellationToken,
    ) -> Self {
        Self {
            id,
            user,
            user_key,
            protocol,
            transport,
            outbox: Outbox::new(options.max_queued_messages, options.max_queued_bytes),
            pending: Pending::default(),
            closing,
            close_reason: OnceLock::new(),
        }
    }

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
    pub(crate) fn send(&self, message: Bytes) -> bool {
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

/// Membership in the registry, ended on every way out.
pub(crate) struct Registration<'a, U> {
    registry: &'a Registry<U>,
    id: &'a ConnectionId,
}

impl<'a, U> Registration<'a, U> {
    pub(crate) fn new(registry: &'a Registry<U>, member: &'a Arc<Member<U>>) -> Self {
        registry.insert(member);
        Self { registry, id: &member.id }
    }
}

impl<U> Drop for Registration<'_, U> {
    fn drop(&mut self) {
        self.registry.remove(self.id);
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
    groups: Index,
    users: Index,
}

#[derive(Debug)]
struct Entry<U> {
    member: Arc<Member<U>>,
    groups: HashSet<Arc<str>>,
}

type Index = HashMap<Arc<str>, HashSet<ConnectionId>>;

impl<U> Default for Registry<U> {
    fn default() -> Self {
        let inner = Inner { connections: HashMap::new(), groups: Index::new(), users: Index::new() };
        Self { inner: RwLock::new(inner) }
    }
}

impl<U> Registry<U> {
    pub(crate) fn insert(&self, member: &Arc<Member<U>>) {
        let mut inner = self.inner.write();
        if let Some(user) = &member.user_key {
            inner.users.entry(user.as_str().into()).or_default().insert(member.id.clone());
        }
        let entry = Entry { member: Arc::clone(member), groups: HashSet::new() };
        inner.connections.insert(member.id.clone(), entry);
    }

    pub(crate) fn remove(&self, id: &ConnectionId) {
        let mut inner = self.inner.write();
        let Some(entry) = inner.connections.remove(id) else { return };
        for group in &entry.groups {
            unlink(&mut inner.groups, group, id);
        }
        if let Some(user) = &entry.member.user_key {
            unlink(&mut inner.users, user, id);
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

    pub(crate) fn get(&self, id: &ConnectionId) -> Option<Arc<Member<U>>> {
        self.inner.read().connections.get(id).map(|entry| Arc::clone(&entry.member))
    }

    /// Who is meant, each once.
    pub(crate) fn find(&self, audience: &Audience, except: &[ConnectionId]) -> Vec<Arc<Member<U>>> {
        let inner = self.inner.read();
        let mut members: Vec<Arc<Member<U>>> = match audience {
            Audience::All => inner.connections.values().map(|entry| Arc::clone(&entry.member)).collect(),
            Audience::Groups(names) => inner.members(&inner.groups, names),
            Audience::Users(keys) => inner.members(&inner.users, keys),
            Audience::Connections(ids) => {
                let ids: HashSet<&ConnectionId> = ids.iter().collect();
                inner.of_ids(ids)
            }
        };
        if !except.is_empty() {
            members.retain(|member| !except.contains(&member.id));
        }
        members
    }

    pub(crate) fn of_user(&self, user: &str) -> Vec<Arc<Member<U>>> {
        let inner = self.inner.read();
        inner.of_ids(inner.users.get(user).into_iter().flatten().collect())
    }

    /// Whether a member of the group is connected to this process.
    pub(crate) fn has_group(&self, group: &str) -> bool {
        self.inner.read().groups.contains_key(group)
    }

    /// Whether the user is connected to this process.
    pub(crate) fn has_user(&self, user: &str) -> bool {
        self.inner.read().users.contains_key(user)
    }

    /// The groups and users that have connections to this process.
    pub(crate) fn interests(&self) -> (Vec<Arc<str>>, Vec<Arc<str>>) {
        let inner = self.inner.read();
        (inner.groups.keys().cloned().collect(), inner.users.keys().cloned().collect())
    }

    /// The groups of a connection.
    pub(crate) fn groups_of(&self, id: &ConnectionId) -> Vec<Arc<str>> {
        let inner = self.inner.read();
        inner.connections.get(id).map(|entry| entry.groups.iter().cloned().collect()).unwrap_or_default()
    }

    pub(crate) fn len(&self) -> usize {
        self.inner.read().connections.len()
    }
}

impl<U> Inner<U> {
    fn members(&self, index: &Index, keys: &[String]) -> Vec<Arc<Member<U>>> {
        // The common case needs no set to find doubles.
        if let [key] = keys {
            let ids = index.get(key.as_str()).into_iter().flatten();
            return ids.filter_map(|id| self.member(id)).collect();
        }
        self.of_ids(keys.iter().filter_map(|key| index.get(key.as_str())).flatten().collect())
    }

    fn of_ids(&self, ids: HashSet<&ConnectionId>) -> Vec<Arc<Member<U>>> {
        ids.into_iter().filter_map(|id| self.member(id)).collect()
    }

    fn member(&self, id: &ConnectionId) -> Option<Arc<Member<U>>> {
        self.connections.get(id).map(|entry| Arc::clone(&entry.member))
    }
}

/// Removes `id` under `key`, and the key with its last id.
fn unlink(index: &mut Index, key: &str, id: &ConnectionId) {
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
        let options = HubOptions { max_queued_messages: 1, max_queued_bytes: 100, ..HubOptions::default() };
        let member = Arc::new(Member::new(
            ConnectionId::random(None),
            (),
            user.map(str::to_owned),
            Protocol::Json,
            Transport::WebSockets,
            &options,
            CancellationToken::new(),
        ));
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
        assert_eq!(ids(&registry.find(&Audience::group("g"), &[])), [&id]);
        assert!(registry.remove_from_group(&id, "g"));
        assert!(registry.find(&Audience::group("g"), &[]).is_empty());
    }

    #[test]
    fn a_member_of_two_groups_is_counted_once() {
        let registry = Registry::default();
        let id = connect(&registry, None);
        registry.add_to_group(&id, "a");
        registry.add_to_group(&id, "b");
        assert_eq!(registry.find(&Audience::Groups(vec!["a".into(), "b".into(), "c".into()]), &[]).len(), 1);
    }

    #[test]
    fn leaving_a_group_one_is_not_in_is_harmless() {
        let registry = Registry::default();
        let id = connect(&registry, None);
        assert!(!registry.remove_from_group(&id, "g"));
        assert!(!registry.remove_from_group(&ConnectionId::random(None), "g"));
    }

    #[test]
    fn a_connection_that_is_gone_cannot_join() {
        let registry = Registry::<()>::default();
        assert!(!registry.add_to_group(&ConnectionId::random(None), "g"));
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
    fn who_is_excepted_is_left_out() {
        let registry = Registry::default();
        let (a, b) = (connect(&registry, None), connect(&registry, None));
        assert_eq!(ids(&registry.find(&Audience::All, &[a])), [&b]);
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
