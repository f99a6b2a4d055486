//! Presence: who is in a channel, with which state.
//!
//! Decides what counts as a change and when a dropped member is gone (rule 6 of the protocol's section 4). A member is a
//! session, so a reconnect within the grace time finds itself still there.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::value::RawValue;

use super::{Memory, Timer};
use crate::hub::answer::{Answer, MemberView, to_raw};
use crate::hub::broker::Event;
use crate::hub::connection::ConnectionId;
use crate::hub::refusal::{Refusal, RefusalCode};
use crate::hub::stats::Limit;

#[derive(Debug)]
pub(crate) struct Member {
    user: Option<Arc<str>>,
    version: u64,
    /// Kept as text: two states are equal when their bytes are.
    state: Box<RawValue>,
    /// The connection that tracks it.
    connection: ConnectionId,
    /// When it is gone, unless it tracks again before.
    leaves_ms: Option<u64>,
}

impl Member {
    fn view<'a>(&'a self, id: &'a str) -> MemberView<'a> {
        MemberView { id, user: self.user.as_deref(), version: self.version, state: &self.state }
    }
}

/// All members of a channel, as its subscribers see them.
pub(crate) fn list(members: &BTreeMap<Arc<str>, Member>) -> Box<RawValue> {
    let views: Vec<_> = members.iter().map(|(id, member)| member.view(id)).collect();
    to_raw(&views)
}

/// Who wants to be present.
pub(crate) struct Tracked {
    pub(crate) connection: ConnectionId,
    pub(crate) member: Arc<str>,
    pub(crate) user: Option<Arc<str>>,
    pub(crate) state: Box<RawValue>,
}

impl Memory {
    pub(super) fn track(&mut self, name: &Arc<str>, tracked: Tracked) {
        let Tracked { connection, member: id, user, state } = tracked;
        if let Err((refusal, limit)) = self.room_for(name, &id, &state) {
            self.met(limit, 1);
            self.events.push_back(Event::TrackRefused { connection, channel: name.clone(), refusal });
            return;
        }
        let Some(channel) = self.channels.get_mut(name) else { return };
        let frame = match channel.members.get_mut(&id) {
            None => {
                self.members += 1;
                self.presence_bytes += state.get().len();
                let member = Member { user, version: 1, state, connection, leaves_ms: None };
                let joined = Some([member.view(&id)]);
                let frame = Answer::Presence { channel: name, joined, updated: None, left: None }.frame();
                channel.members.insert(id, member);
                frame
            }
            Some(member) => {
                member.connection = connection;
                member.leaves_ms = None;
                if member.state.get() == state.get() {
                    return;
                }
                self.presence_bytes += state.get().len();
                self.presence_bytes -= member.state.get().len();
                member.state = state;
                member.version += 1;
                let updated = Some([member.view(&id)]);
                Answer::Presence { channel: name, joined: None, updated, left: None }.frame()
            }
        };
        self.events.push_back(Event::Presence { channel: name.clone(), frame });
    }

    /// Whether a member with this state fits into the channel.
    fn room_for(&self, name: &str, id: &str, state: &RawValue) -> Result<(), (Refusal, Limit)> {
        let Some(channel) = self.channels.get(name) else { return Ok(()) };
        let (size, limit) = (state.get().len(), self.config.presence_members);
        let before = channel.members.get(id).map(|member| member.state.get().len());
        if before.is_none() && channel.members.len() >= limit {
            return Err((Refusal::no_room_for_member(limit), Limit::PresenceMembers));
        }
        let grown = size.saturating_sub(before.unwrap_or(0));
        if grown > 0 && self.presence_bytes + grown > self.config.presence_total {
            let refusal = Refusal::new(RefusalCode::Unavailable, "the server has no room for more presence states");
            return Err((refusal, Limit::PresenceTotal));
        }
        Ok(())
    }

    /// A member goes, if this session's connection is the one that speaks for it now or nobody does.
    pub(super) fn leave(&mut self, now_ms: u64, name: &str, member: &str, connection: ConnectionId) {
        let Some(channel) = self.channels.get_mut(name) else { return };
        channel.touch(now_ms);
        let mine = |it: &Member| it.connection == connection || it.leaves_ms.is_some();
        if channel.members.get(member).is_some_and(mine)
            && let Some(gone) = channel.members.remove(member)
        {
            self.members -= 1;
            self.presence_bytes -= gone.state.get().len();
            let left = Some([member]);
            let frame = Answer::Presence { channel: name, joined: None, updated: None, left }.frame();
            self.events.push_back(Event::Presence { channel: name.into(), frame });
        }
    }

    /// A member's connection dropped: it stays for the grace time.
    pub(super) fn fade(&mut self, now_ms: u64, name: &Arc<str>, member: Arc<str>, connection: ConnectionId) {
        let leaves_ms = now_ms.saturating_add(self.config.presence_grace_ms);
        let Some(channel) = self.channels.get_mut(name) else { return };
        channel.touch(now_ms);
        let Some(it) = channel.members.get_mut(&member) else { return };
        if it.connection == connection {
            it.leaves_ms = Some(leaves_ms);
            self.timers.set(leaves_ms, Timer::Member { channel: name.clone(), member });
        }
    }

    /// The grace time of a member may be over.
    pub(super) fn member_due(&mut self, now_ms: u64, name: &str, member: &str) {
        let Some(channel) = self.channels.get(name) else { return };
        let Some(it) = channel.members.get(member) else { return };
        if it.leaves_ms.is_some_and(|leaves_ms| leaves_ms <= now_ms) {
            let connection = it.connection;
            self.leave(now_ms, name, member, connection);
        }
    }
}
