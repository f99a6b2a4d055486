//! `track` and `untrack`: who wants to be present where. What becomes of it is the broker's matter.

use serde_json::value::RawValue;

use super::Hub;
use super::broker::Command;
use super::connection::ConnectionId;
use super::message::Subject;
use super::refusal::Refusal;
use super::stats::Limit;

impl Hub {
    pub(super) fn track(&mut self, now_ms: u64, connection: ConnectionId, name: &str, state: &RawValue) {
        let Some(open) = self.open(connection) else { return };
        let (size, limit) = (state.get().len(), self.config.presence_state_limit);
        let refusal = if !open.grant.allows(name) {
            Some(Refusal::forbidden(name))
        } else if !open.channels.contains(name) {
            Some(Refusal::not_subscribed(name))
        } else if size > limit {
            self.stats.count_limit(Limit::PresenceState, 1);
            Some(Refusal::too_large("state", limit, size))
        } else {
            None
        };
        if let Some(refusal) = refusal {
            return self.refuse(now_ms, connection, &refusal, &Subject::Channel(name.into()));
        }
        let channel = self.channel(name);
        let Some(open) = self.open_mut(connection) else { return };
        open.tracked.insert(channel.clone());
        let (member, user) = (open.member.clone(), open.user.clone());
        self.ask(now_ms, Command::Track { connection, channel, member, user, state: state.to_owned() });
    }

    pub(super) fn untrack(&mut self, now_ms: u64, connection: ConnectionId, name: &str) {
        let Some(open) = self.open_mut(connection) else { return };
        open.tracked.remove(name);
        let member = open.member.clone();
        let channel = self.channel(name);
        self.ask(now_ms, Command::Leave { connection, channel, member });
    }
}
