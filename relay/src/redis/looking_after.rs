//! What the relay does by itself: it keeps its members and sessions alive, looks whether it has missed anything, and begins
//! again on a new connection.

use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::driver::{Asked, Driver, Tracked};
use super::link::Link;
use super::replica::Replica;
use crate::hub::ConnectionId;

/// How often a channel is looked after, at most and at least. Members' spans follow from it.
const TEND_MAX_MS: u64 = 5_000;
const TEND_MIN_MS: u64 = 100;

/// In how many steps all channels are looked after.
const STEPS: u32 = 10;

/// How many sessions are claimed at once.
const CLAIMS: usize = 100;

impl Driver {
    fn tend_ms(&self) -> u64 {
        (self.config.presence_grace_ms / 2).clamp(TEND_MIN_MS, TEND_MAX_MS)
    }

    /// The time between two steps.
    pub(super) fn tick(&self) -> Duration {
        Duration::from_millis(self.tend_ms()) / STEPS
    }

    /// How long a member stays that nobody renews: at least the grace time after its relay's end, though one renewal went
    /// astray before.
    fn member_span_ms(&self) -> u64 {
        self.config.presence_grace_ms.saturating_add(2 * self.tend_ms())
    }

    /// A new connection: everybody who listens has to learn what was missed.
    pub(super) fn begin(&mut self, link: &mut Link) {
        let channels: Vec<Arc<str>> = self.replicas.keys().cloned().collect();
        for channel in &channels {
            self.step(link, channel, Replica::reopen);
        }
        self.claim(link);
    }

    /// One step of looking after everything.
    pub(super) fn look_after(&mut self, link: &mut Link) {
        let count = self.replicas.len().div_ceil(STEPS as usize);
        let after = self.tended.take().map_or(Bound::Unbounded, Bound::Excluded);
        let mut due: Vec<Arc<str>> =
            self.replicas.range((after, Bound::Unbounded)).take(count).map(|(channel, _)| channel.clone()).collect();
        if due.len() < count {
            let rest = count - due.len();
            due.extend(self.replicas.keys().take(rest).cloned());
        }
        self.tended = due.last().cloned();
        for channel in &due {
            self.tend(link, channel);
        }
        if due.is_empty() {
            // Somebody has to notice when Redis does not answer any more.
            self.send(link, Asked::Nothing, redis::cmd("PING"));
        }
        if self.claimed.elapsed() >= Duration::from_millis(self.config.session_retention_ms) / 3 {
            self.claim(link);
        }
    }

    /// Looks whether anything of a channel was missed, and renews the members in it that this relay speaks for.
    pub(super) fn tend(&mut self, link: &mut Link, channel: &Arc<str>) {
        if !self.replicas.get(channel).is_some_and(Replica::is_settled) {
            return;
        }
        let members = self.members.get(channel).into_iter().flatten();
        let members = members.flat_map(|(member, tracked)| [member.to_string(), self.owner(tracked.connection)]);
        let more: Vec<Vec<u8>> =
            [self.member_span_ms().to_string()].into_iter().chain(members).map(Vec::from).collect();
        self.call_channel(link, Asked::Tend { channel: channel.clone() }, |it| &it.tend, channel, &[], more);
    }

    /// Says which sessions this relay carries, and learns of those that another one has taken over.
    fn claim(&mut self, link: &mut Link) {
        self.claimed = Instant::now();
        let sessions: Vec<_> = self.sessions.iter().map(|(session, connection)| (*session, *connection)).collect();
        for batch in sessions.chunks(CLAIMS) {
            let keys: Vec<String> = batch.iter().flat_map(|(session, _)| self.keys.session(*session)).collect();
            let owners = batch.iter().map(|(_, connection)| self.owner(*connection));
            let arguments: Vec<String> =
                [self.config.session_retention_ms.to_string()].into_iter().chain(owners).collect();
            self.call(link, Asked::Claim, |it| &it.claim, &keys, arguments);
        }
    }

    /// Notes that a connection speaks for a member.
    pub(super) fn note(
        &mut self,
        connection: ConnectionId,
        channel: &Arc<str>,
        member: &Arc<str>,
        user: Option<&str>,
        state: &str,
    ) {
        let mut before = format!(r#"{{"id":{}"#, serde_json::Value::from(&**member));
        if let Some(user) = user {
            before.push_str(&format!(r#","user":{}"#, serde_json::Value::from(user)));
        }
        before.push_str(r#","version":"#);
        let after = format!(r#","state":{state}}}"#);
        let members = self.members.entry(channel.clone()).or_default();
        members.insert(member.clone(), Tracked { connection, before, after });
    }

    /// A connection speaks for a member no more.
    pub(super) fn forget_member(&mut self, connection: ConnectionId, channel: &Arc<str>, member: &str) {
        let Some(members) = self.members.get_mut(channel) else { return };
        if members.get(member).is_some_and(|tracked| tracked.connection == connection) {
            members.remove(member);
        }
        if members.is_empty() {
            self.members.remove(channel);
        }
    }

    /// Makes a member present.
    pub(super) fn track(&mut self, link: &mut Link, channel: &Arc<str>, member: &str) {
        let Some((member, tracked)) = self.members.get(channel).and_then(|members| members.get_key_value(member))
        else {
            return;
        };
        let connection = tracked.connection;
        let asked = Asked::Track { connection, channel: channel.clone(), member: member.clone() };
        let (span, limit) = (self.member_span_ms().to_string(), self.config.presence_members.to_string());
        let owner = self.owner(connection);
        let more =
            [member.to_string(), owner, tracked.before.clone(), tracked.after.clone(), span, limit].map(Vec::from);
        self.call_channel(link, asked, |it| &it.track, channel, &[], more);
    }
}
