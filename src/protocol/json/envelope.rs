//! A message of ours, made from an example of it: JSON in which `"$channel"`, `"$payload"` and the like stand for what differs.
//!
//! In: JSON text, values to fill in. Out: a [`Template`] for the host. Not here: which message is said when (mod.rs).

use crate::host::{Host, Slots, Template};
use crate::part;
use crate::protocol::Wire;

/// One message of ours.
#[derive(Debug)]
pub(super) struct Envelope {
    id: u8,
    /// As in a [`Template`], and [`SESSION`].
    text: String,
}

/// Stands for the sender's secret name, which is known only when the first socket opens.
const SESSION: &str = "\u{6}";

/// A placeholder, quotes included, and what stands for it.
const PLACEHOLDERS: [(&str, &str); 9] = [
    ("\"...\":\"$payload\",", part!(Members)),
    ("\"$channel\"", part!(Channel)),
    ("\"$payload\"", part!(Payload)),
    ("\"$event\"", part!(Word)),
    ("\"$token\"", part!(Word)),
    ("\"$state\"", part!(Word)),
    ("\"$timestamp\"", part!(Word)),
    ("\"$time\"", part!(Time)),
    ("\"$id\"", concat!("\"\u{6}-", part!(Number), "\"")),
];

impl Envelope {
    /// Reads an example. `id` is distinct among all envelopes of a client.
    pub(super) fn parse(id: u8, json: &str) -> Self {
        let (mut text, mut rest) = (String::new(), json);
        while !rest.is_empty() {
            // A quote after a backslash is one inside a text.
            let escaped = text.ends_with('\\');
            let found = PLACEHOLDERS.iter().find(|(name, _)| !escaped && rest.starts_with(name));
            if let Some((name, part)) = found {
                text += part;
                rest = rest.get(name.len()..).unwrap_or_default();
            } else {
                let mut letters = rest.chars();
                text.extend(letters.next());
                rest = letters.as_str();
            }
        }
        Self { id, text }
    }

    /// Whether it names the channel.
    pub(super) fn has_channel(&self) -> bool {
        find(&self.text, part!(Channel)).is_some()
    }

    /// Whether it carries the members of the payload.
    pub(super) fn spreads(&self) -> bool {
        find(&self.text, part!(Members)).is_some()
    }

    /// Whether it carries a number that must not come twice.
    pub(super) fn has_id(&self) -> bool {
        find(&self.text, SESSION).is_some()
    }

    /// Fills it and sends it.
    pub(super) fn send<H: Host>(&self, session: &str, slots: Slots<'_, H>, wire: &mut Wire<H>) {
        let (mut text, mut rest) = (String::new(), &*self.text);
        while let Some((before, after)) =
            find(rest, SESSION).and_then(|at| Some((rest.get(..at)?, rest.get(at + 1..)?)))
        {
            text += before;
            text += session;
            rest = after;
        }
        text += rest;
        wire.send(&Template { id: self.id, text: &text }, slots);
    }
}

/// Where a part stands first. By bytes, because the standard search is 2 kB of wasm.
fn find(text: &str, part: &str) -> Option<usize> {
    text.bytes().position(|byte| part.as_bytes() == [byte])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(json: &str) -> String {
        Envelope::parse(0, json).text
    }

    #[test]
    fn a_placeholder_is_a_whole_string_and_nothing_less() {
        let json = r#"{"a":"$channel","b":"to $channel","c":"$channels","d":"say \"$channel"}"#;
        let rest = r#","b":"to $channel","c":"$channels","d":"say \"$channel"}"#;
        assert_eq!(text(json), [r#"{"a":"#, part!(Channel), rest].concat());
    }

    #[test]
    fn the_members_of_a_payload_come_before_what_is_fixed() {
        let json = r#"{"...":"$payload","type":"chat"}"#;
        assert_eq!(text(json), ["{", part!(Members), r#""type":"chat"}"#].concat());
    }

    #[test]
    fn an_id_is_the_senders_name_and_a_number() {
        assert!(Envelope::parse(0, r#"{"id":"$id"}"#).has_id());
        assert!(!Envelope::parse(0, r#"{"id":"$idx"}"#).has_id());
    }
}
