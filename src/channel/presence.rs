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
    const fn new() -> Self {
        Self { joined: Vec::new(), updated: Vec::new(), left: Vec::new() }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.joined.is_empty() && self.updated.is_empty() && self.left.is_empty()
    }

    /// A member is there who was, or was not, there before.
    fn note(&mut self, before: Option<Member<H>>, version: u64, json: H::Json) {
        match before {
            None => self.joined.push(json),
            Some(before) if before.version != version => self.updated.push(json),
            Some(_) => {}
        }
    }
}

impl<H: Host> Presence<H> {
    pub(crate) const fn new() -> Self {
        Self { members: Map::new() }
    }

    /// The whole list: what is new, what is different, who is missing. `None`: not a list of members.
    pub(crate) fn handle_list(&mut self, host: &H, list: &H::Json) -> Option<Changes<H>> {
        let mut changes = Changes::new();
        let members = identities(host, [Some(list), None])?;
        let mut before = core::mem::take(&mut self.members);
        for (id, version, json) in members {
            changes.note(before.remove(&id), version, json.clone());
            self.members.insert(id, Member { version, json });
        }
        for member in before.into_values() {
            changes.left.push(member.json);
        }
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
        let mut changes = Changes::new();
        // All is read before anything is changed: a bad frame changes nothing.
        let members = identities(host, [joined, updated])?;
        let mut gone = Vec::new();
        for id in items(host, left) {
            gone.push(host.string(&id)?);
        }
        for (id, version, json) in members {
            let before = self.members.insert(id, Member { version, json: json.clone() });
            changes.note(before, version, json);
        }
        for id in gone {
            if let Some(member) = self.members.remove(&id) {
                changes.left.push(member.json);
            }
        }
        Some(changes)
    }
}

/// Id, version and member, of both lists in turn.
type Identities<H> = Vec<(String, u64, <H as Host>::Json)>;

fn identities<H: Host>(host: &H, lists: [Option<&H::Json>; 2]) -> Option<Identities<H>> {
    let mut members = Vec::new();
    for list in lists {
        for member in items(host, list) {
            let id = host.string(&host.get(&member, "id")?)?;
            let version = host.number(&host.get(&member, "version")?).and_then(counter)?;
            members.push((id, version, member));
        }
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
