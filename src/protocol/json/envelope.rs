//! A message of ours, made from an example of it: JSON in which `"$channel"`, `"$payload"` and the like stand for what differs.
//!
//! In: JSON text, values to fill in. Out: a [`Template`] for the host. Not here: which message is said when (mod.rs).

use crate::host::{Host, Part, Slots, Template};
use crate::protocol::Wire;

/// One message of ours.
#[derive(Debug)]
pub(super) struct Envelope {
    id: u8,
    pieces: Vec<Piece>,
}

#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// The sender's secret name, which is known only when the first socket opens.
    Session,
    Part(Part<'static>),
}

/// A placeholder, quotes included, and what stands for it.
const PLACEHOLDERS: [(&str, Part<'_>); 9] = [
    ("\"...\":\"$payload\",", Part::Members),
    ("\"$channel\"", Part::Channel),
    ("\"$payload\"", Part::Payload),
    ("\"$event\"", Part::Word),
    ("\"$token\"", Part::Word),
    ("\"$state\"", Part::Word),
    ("\"$timestamp\"", Part::Word),
    ("\"$time\"", Part::Time),
    ("\"$id\"", Part::Number),
];

impl Envelope {
    /// Reads an example. `id` is distinct among all envelopes of a client.
    pub(super) fn parse(id: u8, json: &str) -> Self {
        let bytes = json.as_bytes();
        let (mut pieces, mut from, mut at) = (Vec::new(), 0, 0);
        let literal = |from: usize, to: usize| Piece::Text(json.get(from..to).unwrap_or_default().to_owned());
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            // A quote after a backslash is one inside a text.
            let escaped = at.checked_sub(1).is_some_and(|before| bytes[before] == b'\\');
            let found = PLACEHOLDERS.iter().find(|(name, _)| !escaped && rest.starts_with(name.as_bytes()));
            let Some((name, part)) = found else {
                at += 1;
                continue;
            };
            pieces.push(literal(from, at));
            if *part == Part::Number {
                pieces.push(Piece::Text("\"".to_owned()));
                pieces.push(Piece::Session);
                pieces.push(Piece::Text("-".to_owned()));
                pieces.push(Piece::Part(Part::Number));
                pieces.push(Piece::Text("\"".to_owned()));
            } else {
                pieces.push(Piece::Part(*part));
            }
            at += name.len();
            from = at;
        }
        pieces.push(literal(from, json.len()));
        Self { id, pieces }
    }

    /// Whether it names the channel.
    pub(super) fn has_channel(&self) -> bool {
        self.pieces.contains(&Piece::Part(Part::Channel))
    }

    /// Whether it carries the members of the payload.
    pub(super) fn spreads(&self) -> bool {
        self.pieces.contains(&Piece::Part(Part::Members))
    }

    /// Whether it carries a number that must not come twice.
    pub(super) fn has_id(&self) -> bool {
        self.pieces.contains(&Piece::Session)
    }

    /// Fills it and sends it.
    pub(super) fn send<H: Host>(&self, session: &str, slots: Slots<'_, H>, wire: &mut Wire<'_, H>) {
        let mut parts = Vec::with_capacity(self.pieces.len());
        for piece in &self.pieces {
            parts.push(match piece {
                Piece::Text(text) => Part::Text(text),
                Piece::Session => Part::Text(session),
                Piece::Part(part) => *part,
            });
        }
        wire.send(&Template { id: self.id, parts: &parts }, slots);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(json: &str) -> Vec<Piece> {
        Envelope::parse(0, json).pieces
    }

    fn text(text: &str) -> Piece {
        Piece::Text(text.to_owned())
    }

    #[test]
    fn a_placeholder_is_a_whole_string_and_nothing_less() {
        let json = r#"{"a":"$channel","b":"to $channel","c":"$channels","d":"say \"$channel"}"#;
        let rest = text(r#","b":"to $channel","c":"$channels","d":"say \"$channel"}"#);
        assert_eq!(pieces(json), [text(r#"{"a":"#), Piece::Part(Part::Channel), rest]);
    }

    #[test]
    fn the_members_of_a_payload_come_before_what_is_fixed() {
        let json = r#"{"...":"$payload","type":"chat"}"#;
        assert_eq!(pieces(json), [text("{"), Piece::Part(Part::Members), text(r#""type":"chat"}"#)]);
    }

    #[test]
    fn an_id_is_the_senders_name_and_a_number() {
        assert!(Envelope::parse(0, r#"{"id":"$id"}"#).has_id());
        assert!(!Envelope::parse(0, r#"{"id":"$idx"}"#).has_id());
    }
}
