//! Who is in a channel, as far as such a server lets us know: it has no versions and sends lists or changes as it likes.
//!
//! In: members by name, whole lists. Out: [`Fact::Presence`] with the versions that the rest of the client goes by.

use super::push_quoted;
use crate::channel::ChannelId;
use crate::host::Host;
use crate::map::Map;
use crate::protocol::{Fact, Wire};

/// The members of all channels.
#[derive(Debug, Default)]
pub(super) struct Roster(Map<ChannelId, Map<String, Member>>);

#[derive(Debug)]
struct Member {
    version: u64,
    /// As JSON, to tell a change from a repetition.
    state: String,
}

impl Roster {
    pub(super) const fn new() -> Self {
        Self(Map::new())
    }

    /// Someone came, or has another state.
    pub(super) fn enter<H: Host>(&mut self, channel: ChannelId, id: String, state: &H::Json, wire: &mut Wire<H>) {
        let mut joined = String::new();
        self.note(channel, id, state, &mut joined, wire.host());
        tell(channel, &joined, "", wire);
    }

    /// Someone left.
    pub(super) fn leave<H: Host>(&mut self, channel: ChannelId, id: &str, wire: &mut Wire<H>) {
        let mut left = String::new();
        self.strike(channel, id, &mut left, wire.host());
        tell(channel, "", &left, wire);
    }

    /// The whole list.
    pub(super) fn replace<H: Host>(&mut self, channel: ChannelId, members: &[(String, H::Json)], wire: &mut Wire<H>) {
        let (mut joined, mut left) = (String::new(), String::new());
        for id in self.ids(channel) {
            if !members.iter().any(|(listed, _)| *listed == id) {
                self.strike(channel, &id, &mut left, wire.host());
            }
        }
        for (id, state) in members {
            self.note(channel, id.clone(), state, &mut joined, wire.host());
        }
        tell(channel, &joined, &left, wire);
    }

    /// Nobody is known to be there any more.
    pub(super) fn empty<H: Host>(&mut self, channel: ChannelId, wire: &mut Wire<H>) {
        self.replace(channel, &[], wire);
    }

    /// The channel was left.
    pub(super) fn forget(&mut self, channel: ChannelId) {
        self.0.remove(&channel);
    }

    fn ids(&self, channel: ChannelId) -> Vec<String> {
        self.0.get(&channel).map(|members| members.keys().to_vec()).unwrap_or_default()
    }

    fn note<H: Host>(&mut self, channel: ChannelId, id: String, state: &H::Json, joined: &mut String, host: &mut H) {
        let state = host.stringify(state);
        let mut members = self.0.remove(&channel).unwrap_or_default();
        let version = match members.get(&id) {
            Some(known) if known.state == state => known.version,
            Some(known) => known.version + 1,
            None => 1,
        };
        separate(joined);
        joined.push_str("{\"id\":");
        push_quoted(host, joined, &id);
        joined.push_str(",\"version\":");
        push_digits(joined, version);
        joined.push_str(",\"state\":");
        joined.push_str(&state);
        joined.push('}');
        members.insert(id, Member { version, state });
        self.0.insert(channel, members);
    }

    fn strike<H: Host>(&mut self, channel: ChannelId, id: &str, left: &mut String, host: &mut H) {
        let Some(mut members) = self.0.remove(&channel) else { return };
        if members.remove(id).is_some() {
            separate(left);
            push_quoted(host, left, id);
        }
        self.0.insert(channel, members);
    }
}

/// The standard way costs 2 kB of wasm.
fn push_digits(to: &mut String, number: u64) {
    if number > 9 {
        push_digits(to, number / 10);
    }
    to.push((b'0' + (number % 10) as u8) as char);
}

fn separate(list: &mut String) {
    if !list.is_empty() {
        list.push(',');
    }
}

/// States it, if there is something to state.
fn tell<H: Host>(channel: ChannelId, joined: &str, left: &str, wire: &mut Wire<H>) {
    if joined.is_empty() && left.is_empty() {
        return;
    }
    let joined = wire.host().parse(&["[", joined, "]"].concat());
    let left = wire.host().parse(&["[", left, "]"].concat());
    wire.fact(Fact::Presence { channel, joined, updated: None, left });
}
