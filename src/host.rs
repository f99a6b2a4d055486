//! Who owns text, JSON and bytes: JavaScript in the browser, plain Rust in native tests.
//!
//! The core never looks into a payload. It reads *headers*, whose place a [`Shape`] declares once per protocol, and writes
//! *envelopes*, which a [`Template`] declares. So integers cross the boundary, and payloads stay where they are.

use crate::channel::ChannelId;
use crate::output::{Event, Output};
use core::num::NonZeroU64;
use std::borrow::Cow;
use std::collections::VecDeque;

/// The owner of everything that is not a decision.
pub trait Host: 'static {
    /// Text: a JSON payload, a quoted word, a whole text frame.
    type Text: Clone + Default + PartialEq;
    /// A parsed frame or a part of one.
    type Json: Clone;
    /// Bytes: a binary payload or a whole binary frame.
    type Bytes: Clone;
    /// What the application hears, as it hears it; natively an [`Event`].
    type Emitted;
    /// Whether applications of this host have channels and requests. Where not, the compiler leaves out what serves them.
    const CHANNELS: bool = true;
    /// Whether a protocol of this host may leave publishes unacknowledged; likewise.
    const UNACKED: bool = true;
    /// Whether a protocol of this host may have sessions of its own, to be taken up again elsewhere; likewise.
    const SESSIONS: bool = true;
    /// Whether applications of this host have the socket as such, with subprotocols and farewells of their own; likewise.
    const BARE: bool = true;

    /// Puts an event into the queue, unless nobody hears of its kind. Inlined, it is a row of numbers where it happens, and no
    /// variant to be made and matched.
    fn emit(outputs: &mut VecDeque<Output<Self>>, event: Event<Self>)
    where
        Self: Sized;
    /// The id of a channel's name; new ones have the next, from 1. From here on [`Shape::channel`] finds it and [`Part::Channel`]
    /// writes it.
    fn channel(&mut self, name: &Self::Text) -> ChannelId;
    /// Short text of our own, as it is.
    fn text(&mut self, text: &str) -> Self::Text;
    /// A text as a JSON string, quotes and escapes included.
    fn quote(&mut self, text: &Self::Text) -> Self::Text;
    /// Fills a template. Binary payloads make binary frames.
    fn write(&mut self, template: &Template<'_>, slots: Slots<'_, Self>) -> Frame<Self>;

    /// A member of an object.
    fn get(&self, json: &Self::Json, key: &str) -> Option<Self::Json>;
    /// An element of an array; `None` past its end.
    fn item(&self, json: &Self::Json, index: usize) -> Option<Self::Json>;
    /// A finite number.
    fn number(&self, json: &Self::Json) -> Option<f64>;
    /// Whether it is this very text.
    fn is_text(&self, json: &Self::Json, text: &Self::Text) -> bool;
    /// A boolean.
    fn boolean(&self, json: &Self::Json) -> Option<bool>;
    /// A string, copied. For short ones on rare frames.
    fn string(&self, json: &Self::Json) -> Option<String>;
    /// A text, copied. For short ones on rare frames.
    fn read(&self, text: &Self::Text) -> String;
    /// Whether a text, which is JSON, is an object.
    fn is_object(&self, text: &Self::Text) -> bool;
    /// JSON of our own. For rare frames.
    fn parse(&self, text: &str) -> Option<Self::Json>;
    /// The opposite. For rare frames.
    fn stringify(&self, json: &Self::Json) -> String;
}

/// What a caller sends.
pub enum Payload<H: Host + ?Sized> {
    /// Nothing; on the wire `null`.
    Empty,
    /// JSON, already serialised.
    Text(H::Text),
    /// Bytes.
    Binary(H::Bytes),
    /// That of a message that went by [`publish_next`](crate::Client::publish_next): whoever sent it has kept its frame, under its id,
    /// until it is settled.
    Kept,
}

/// What goes over the socket.
pub enum Frame<H: Host + ?Sized> {
    /// A text message.
    Text(H::Text),
    /// A binary message.
    Binary(H::Bytes),
}

impl<H: Host + ?Sized> Clone for Payload<H> {
    fn clone(&self) -> Self {
        match self {
            Self::Empty => Self::Empty,
            Self::Text(text) => Self::Text(text.clone()),
            Self::Binary(bytes) => Self::Binary(bytes.clone()),
            Self::Kept => Self::Kept,
        }
    }
}

/// Where a value stands in a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key<'a> {
    /// A member of an object.
    Name(&'a str),
    /// An element of an array.
    Index(u32),
    /// A member of a member, and so on.
    Path(&'a [String]),
}

/// How a text frame is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Textual {
    /// No header: the frame is the body, its kind is [`Header::TEXT`].
    Bare,
    /// JSON, and nothing else.
    Json,
    /// JSON after a prefix, as Engine.IO and Socket.IO have it: two digits make the kind (`42` → 42; one digit alone → that digit), then `N-` attachments,
    /// `/namespace,` as the channel and an acknowledgement id as the numbers 0 and 1.
    Packet,
}

/// How a binary frame is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binary {
    /// No header: the frame is the body, its kind is [`Header::BINARY`].
    Bare,
    /// Layout byte 1, header length, JSON header, payload (docs/PROTOCOL.md, section 7).
    Headed,
}

/// The shape of a protocol's header, read by one shim for all protocols.
#[derive(Debug)]
pub struct Shape<'a> {
    /// How text frames are built.
    pub text: Textual,
    /// How binary frames are built.
    pub binary: Binary,
    /// The frame's kind: a number as it is, or [`Header::WORD`] and the place of a string in [`words`](Self::words).
    pub kind: Option<Key<'a>>,
    /// A second word: the event's name.
    pub event: Option<Key<'a>>,
    /// The channel's name, given as its id.
    pub channel: Option<Key<'a>>,
    /// Up to three integers.
    pub numbers: &'a [Key<'a>],
    /// Where the application's payload stands.
    pub payload: Option<Key<'a>>,
    /// The strings the protocol knows as kinds or events.
    pub words: Cow<'a, [&'a str]>,
}

/// A frame's header in integers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Header {
    /// See [`Shape::kind`]; 0 where there is neither a string nor a small number.
    pub kind: u32,
    /// Like `kind`.
    pub event: u32,
    /// The channel; `None` where there is none or it is not ours.
    pub channel: Option<ChannelId>,
    /// Missing ones and those of another type are NaN.
    pub numbers: [f64; 3],
}

impl Header {
    /// A string that is not among the words. The words follow it, so that a number never passes for one.
    pub const WORD: u32 = 1 << 16;
    /// The kind of a frame that could not be read at all.
    pub const BROKEN: u32 = u32::MAX;
    /// The kind of a binary frame without a header.
    pub const BINARY: u32 = u32::MAX - 1;
    /// The kind of a text frame without a header.
    pub const TEXT: u32 = u32::MAX - 2;

    /// Number `index` as a counter, if it is one.
    #[must_use]
    #[inline(never)]
    pub fn counter(&self, index: usize) -> Option<Counter> {
        self.numbers.get(index).copied().and_then(Counter::new)
    }
}

/// An integer from 0 to 2^53 − 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counter(
    // Counted from one, so that an `Option` of it is one word too.
    NonZeroU64,
);

impl Counter {
    /// `number`, if it is such an integer.
    #[must_use]
    pub fn new(number: f64) -> Option<Self> {
        // What is below zero or no number at all becomes zero, and does not come back as itself.
        let whole = number as u64;
        if whole as f64 == number && whole >> 53 == 0 { NonZeroU64::new(whole + 1).map(Self) } else { None }
    }

    /// The integer.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0.get() - 1
    }
}

/// An envelope, declared once and filled for each frame; [`template!`](crate::template) makes one.
#[derive(Debug)]
pub struct Template<'a> {
    /// Distinct within a protocol, so that a host can keep what it made of the text.
    pub id: u8,
    /// The text. Where a [`Part`] goes stands the control character of its number, which JSON has nowhere else.
    pub text: &'a str,
}

impl<'a> Template<'a> {
    /// Its parts in order, for a host that fills it itself.
    #[must_use]
    pub fn parts(&self) -> Vec<Part<'a>> {
        let mut parts = Vec::new();
        for piece in self.text.split_inclusive(|letter| (letter as usize) < PARTS.len()) {
            let part = piece.chars().last().and_then(|last| PARTS.get(last as usize));
            parts.push(Part::Text(if part.is_some() { &piece[..piece.len() - 1] } else { piece }));
            parts.extend(part);
        }
        parts
    }
}

/// By their number.
const PARTS: [Part<'_>; 6] = [Part::Number, Part::Channel, Part::Word, Part::Payload, Part::Members, Part::Time];

/// A [`Template`](crate::host::Template): its id, and then literals and [`Part`](crate::host::Part)s by their names.
///
/// ```
/// let ping = tautline::template!(1, r#"{"type":"ping","n":"#, Number, "}");
/// assert_eq!(ping.parts().len(), 3);
/// ```
#[macro_export]
macro_rules! template {
    ($id:expr, $($piece:tt),* $(,)?) => {
        $crate::host::Template { id: $id, text: concat!($($crate::part!($piece)),*) }
    };
}

/// The character of a [`Part`](crate::host::Part); a literal is itself.
#[doc(hidden)]
#[macro_export]
macro_rules! part {
    (Number) => {
        "\0"
    };
    (Channel) => {
        "\u{1}"
    };
    (Word) => {
        "\u{2}"
    };
    (Payload) => {
        "\u{3}"
    };
    (Members) => {
        "\u{4}"
    };
    (Time) => {
        "\u{5}"
    };
    ($text:literal) => {
        $text
    };
}

/// One part of a [`Template`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// Literal text.
    Text(&'a str),
    /// [`Slots::number`].
    Number,
    /// The quoted name of [`Slots::channel`].
    Channel,
    /// [`Slots::word`], as it is.
    Word,
    /// The payload; `null` when empty. In a binary frame the part and the literal text that names it are left out.
    Payload,
    /// The members of a payload that is an object, each followed by a comma.
    Members,
    /// The time of day, in milliseconds since 1970, by the clock of the host.
    Time,
}

/// What a template is filled with.
pub struct Slots<'a, H: Host + ?Sized> {
    /// For [`Part::Number`].
    pub number: u64,
    /// For [`Part::Channel`].
    pub channel: Option<ChannelId>,
    /// For [`Part::Word`]: quoted where it stands for a string.
    pub word: Option<&'a H::Text>,
    /// For [`Part::Payload`].
    pub payload: &'a Payload<H>,
}
