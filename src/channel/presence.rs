//! Who is in a channel, and what changed.
//!
//! In: whole lists and changes from the server. Out: [`Changes`], where a member who only reconnected does not appear.
//! Members stay known over a lost link: the next whole list says who really left.

use crate::host::{Host, counter};
use crate::map::Map;

/// The members of one channel, by id.
pub(crate) struct Presence<H: Host> {
    members: Map<String, Member<H>>,
    /// How many whole lists came.
    lists: u32,
}

struct Member<H: Host> {
    version: u64,
    /// The latest list that named them, or after which they came.
    list: u32,
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
}

impl<H: Host> Presence<H> {
    pub(crate) const fn new() -> Self {
        Self { members: Map::new(), lists: 0 }
    }

    /// The whole list: what is new, what is different, who is missing. `None`: not a list of members.
    pub(crate) fn handle_list(&mut self, host: &H, list: &H::Json) -> Option<Changes<H>> {
        self.lists += 1;
        let mut changes = self.handle_changes(host, [Some(list), None, None])?;
        let lists = self.lists;
        self.members.retain(|member| {
            let listed = member.list == lists;
            if !listed {
                changes.left.push(member.json.clone());
            }
            listed
        });
        Some(changes)
    }

    /// Changes since the last: who joined, who has another state, the ids of who left. `None`: not of the agreed shape.
    pub(crate) fn handle_changes(&mut self, host: &H, lists: [Option<&H::Json>; 3]) -> Option<Changes<H>> {
        let mut changes = Changes::new();
        // All is read once before anything is changed: a bad frame changes nothing.
        for apply in [false, true] {
            for (which, list) in lists.into_iter().enumerate() {
                let mut index = 0;
                while let Some(item) = list.and_then(|list| host.item(list, index)) {
                    index += 1;
                    if which == LEFT {
                        let id = host.string(&item)?;
                        if apply && let Some(member) = self.members.remove(&id) {
                            changes.left.push(member.json);
                        }
                        continue;
                    }
                    let id = host.string(&host.get(&item, "id")?)?;
                    let version = host.number(&host.get(&item, "version")?).and_then(counter)?;
                    if apply {
                        let member = Member { version, list: self.lists, json: item.clone() };
                        match self.members.insert(id, member) {
                            None => changes.joined.push(item),
                            Some(before) if before.version != version => changes.updated.push(item),
                            Some(_) => {}
                        }
                    }
                }
            }
        }
        Some(changes)
    }
}

/// Which of the lists names those who left.
const LEFT: usize = 2;
