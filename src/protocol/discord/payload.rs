//! Opcodes, and where things stand in a payload: `{op, d, s, t}`.

use crate::host::{Binary, Header, Key, Shape, Template, Textual};
use crate::template;

pub(super) const DISPATCH: u32 = 0;
pub(super) const HEARTBEAT: u32 = 1;
pub(super) const RECONNECT: u32 = 7;
pub(super) const INVALID_SESSION: u32 = 9;
pub(super) const HELLO: u32 = 10;
pub(super) const HEARTBEAT_ACK: u32 = 11;

pub(super) fn shape<'a>() -> Shape<'a> {
    Shape {
        text: Textual::Json,
        binary: Binary::Bare,
        kind: Some(Key::Name("op")),
        event: Some(Key::Name("t")),
        channel: None,
        numbers: &[Key::Name("s")],
        payload: Some(Key::Name("d")),
        words: ["READY", "RESUMED"].as_slice().into(),
    }
}

/// Which of the shape's numbers is the sequence.
pub(super) const SEQUENCE: usize = 0;
pub(super) const READY: u32 = Header::WORD + 1;
pub(super) const RESUMED: u32 = Header::WORD + 2;

pub(super) static IDENTIFY: Template = template!(0, r#"{"op":2,"d":{"token":"#, Word, ",", Payload, "}}");
pub(super) static RESUME: Template =
    template!(1, r#"{"op":6,"d":{"token":"#, Word, r#","session_id":"#, Payload, r#","seq":"#, Number, "}}");
pub(super) static BEAT: Template = template!(2, r#"{"op":1,"d":"#, Number, "}");
pub(super) static FIRST_BEAT: Template = template!(3, r#"{"op":1,"d":null}"#);
/// What [`COMMAND`] adds to a payload at most.
pub(super) const ENVELOPE: u64 = r#"{"op":99,"d":}"#.len() as u64;
/// Whatever the application sends: its event is the opcode, in digits.
pub(super) static COMMAND: Template = template!(4, r#"{"op":"#, Word, r#","d":"#, Payload, "}");
