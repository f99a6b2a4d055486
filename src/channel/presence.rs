//! Who is in a channel, and what changed.
//!
//! In: whole lists and changes from the server. Out: [`Changes`], where a member who only reconnected does not appear.
//! Members stay known over a lost link: the next whole list says who really left.

use crate::host::{Host, counter};
use crate::map::Map;

/// The members of one channel, by id.
pub(crate) struct Presence<H: Host> {
    members: Map<String, Member<H>>,
}

struct Member<H: Host> {
    version: u64,
    json: H::Json,
}

/// Members as the server describes them.
pub(crate) struct Changes<H: Host> {
    pub(crate) joined: Vec<H::Json>,
    pub(crate) updated: Vec<H::Json>,
    pub(crate) left: Vec<H::Json>,
}

impl<H: Host> Changes<H> {
    pub(crate) const fn is_empty(&self) -> bool {
        self.joined.is_empty() && self.updated.is_empty() && self.left.is_empty()
    }
}

impl<H: Host> Presence<H> {
    pub(crate) const fn new() -> Self {
        Self { members: Map::new() }
    }

    /// The whole list: what is new, what is different, who is missing. `None`: not a list of members.
    pub(crate) fn handle_list(&mut self, host: &H, list: &H::Json) -> Option<Changes<H>> {
        let mut changes = Changes { joined: Vec::new(), updated: Vec::new(), left: Vec::new() };
        let members = identities(host, Some(list))?;
        let mut before = core::mem::take(&mut self.members);
        for (id, version, json) in members {
            match before.remove(&id) {
                None => changes.joined.push(json.clone()),
                Some(member) if member.version != version => changes.updated.push(json.clone()),
                Some(_) => {}
            }
            self.members.insert(id, Member { version, json });
        }
        changes.left = before.into_values().map(|member| member.json).collect();
        Some(changes)
    }

    /// Changes since the last. `None`: not of the agreed shape.
    pub(crate) fn handle_changes(
        &mut self,
        host: &H,
        joined: Option<&H::Json>,
        updated: Option<&H::Json>,
        left: Option<&H::Json>,
    ) -> Option<Changes<H>> {
        let mut changes = Changes { joined: Vec::new(), updated: Vec::new(), left: Vec::new() };
        // All is read before anything is changed: a bad frame changes nothing.
        let (mut joined, updated) = (identities(host, joined)?, identities(host, updated)?);
        let mut gone = Vec::new();
        for id in items(host, left) {
            gone.push(host.string(&id)?);
        }
        joined.extend(updated);
        for (id, version, json) in joined {
            match self.members.insert(id, Member { version, json: json.clone() }) {
                None => changes.joined.push(json),
                Some(before) if before.version != version => changes.updated.push(json),
                Some(_) => {}
            }
        }
        for id in gone {
            if let Some(member) = self.members.remove(&id) {
                changes.left.push(member.json);
            }
        }
        Some(changes)
    }
}

fn identities<H: Host>(host: &H, list: Option<&H::Json>) -> Option<Vec<(String, u64, H::Json)>> {
    let mut members = Vec::new();
    for member in items(host, list) {
        let id = host.string(&host.get(&member, "id")?)?;
        let version = host.number(&host.get(&member, "version")?).and_then(counter)?;
        members.push((id, version, member));
    }
    Some(members)
}

fn items<H: Host>(host: &H, list: Option<&H::Json>) -> Vec<H::Json> {
    let mut items = Vec::new();
    while let Some(item) = list.and_then(|list| host.item(list, items.len())) {
        items.push(item);
    }
    items
}
