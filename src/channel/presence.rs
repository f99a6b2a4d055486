//! Who is in a channel, and what changed.
//!
//! In: whole lists and changes from the server. Out: [`Changes`], where a member who only reconnected does not appear.
//! Members stay known over a lost link: the next whole list says who really left.

use crate::host::{Counter, Host};
use crate::map::Map;

/// The members of one channel, by id.
pub(crate) struct Presence<H: Host> {
    members: Map<String, Member<H>>,
    /// How many whole lists came.
    lists: u32,
}

struct Member<H: Host> {
    version: Counter,
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

    /// Who joined, who has another state, the ids of who left; or, if `whole`, the list of all members first and alone, and who is
    /// not on it has left. `None`: not of the agreed shape, and nothing changed.
    pub(crate) fn handle(&mut self, host: &H, lists: &[Option<H::Json>; 3], whole: bool) -> Option<Changes<H>> {
        let mut changes = Changes::new();
        self.lists += u32::from(whole);
        // All is read once before anything is changed: a bad frame changes nothing.
        for apply in [false, true] {
            for (which, list) in lists.iter().enumerate() {
                let mut index = 0;
                while let Some(item) = list.as_ref().and_then(|list| host.item(list, index)) {
                    index += 1;
                    if which == LEFT {
                        let id = host.string(&item)?;
                        if apply && let Some(member) = self.members.remove(&id) {
                            changes.left.push(member.json);
                        }
                        continue;
                    }
                    let (id, version) = read(host, &item)?;
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
        let lists = self.lists;
        while whole && let Some(member) = self.members.take(|member| member.list != lists) {
            changes.left.push(member.json);
        }
        Some(changes)
    }
}

/// Which of the lists names those who left.
const LEFT: usize = 2;

/// The id and the version of a member.
fn read<H: Host>(host: &H, member: &H::Json) -> Option<(String, Counter)> {
    let id = host.string(&host.get(member, "id")?)?;
    let version = host.number(&host.get(member, "version")?).and_then(Counter::new)?;
    Some((id, version))
}
