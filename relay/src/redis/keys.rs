//! What everything is called in Redis. The keys of a channel share a hash tag, so that a cluster keeps them together.

use std::fmt::Write;

use crate::hub::SessionKey;

#[derive(Clone, Debug)]
pub(crate) struct Keys {
    prefix: String,
}

impl Keys {
    pub(crate) fn new(prefix: &str) -> Self {
        Self { prefix: prefix.to_owned() }
    }

    /// Meta, log, members and deadlines of a channel.
    pub(crate) fn channel(&self, channel: &str) -> [String; 4] {
        let tag = self.tag(channel);
        ["meta", "log", "members", "deadlines"].map(|part| format!("{tag}:{part}"))
    }

    /// The fan-out of a channel.
    pub(crate) fn live(&self, channel: &str) -> String {
        format!("{}:live", self.tag(channel))
    }

    /// A session, and the answers to its publishes.
    pub(crate) fn session(&self, session: SessionKey) -> [String; 2] {
        ["session", "answers"].map(|part| format!("{}{part}:{session}", self.prefix))
    }

    /// What the names of relays' own channels begin with.
    pub(crate) fn relays(&self) -> String {
        format!("{}relay:", self.prefix)
    }

    fn tag(&self, channel: &str) -> String {
        let mut tag = format!("{}{{", self.prefix);
        for letter in channel.chars() {
            match letter {
                '{' | '}' | '%' => {
                    let _ = write!(tag, "%{:02X}", u32::from(letter));
                }
                _ => tag.push(letter),
            }
        }
        tag.push('}');
        tag
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_has_its_own_keys_under_one_tag_whatever_its_name() {
        let keys = Keys::new("t:");
        assert_eq!(keys.live("room 1"), "t:{room 1}:live");
        assert_eq!(keys.channel("a}{%")[0], "t:{a%7D%7B%25}:meta");
        assert_ne!(keys.live("a}"), keys.live("a%7D"));
    }
}
