//! `Host` in plain Rust: text is `String`, JSON is `serde_json`, bytes are bytes. The twin of the browser's frames.js.

use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use tautline::host::{Binary, Frame, Header, Host, Key, Part, Payload, Shape, Slots, Template, Textual};
use tautline::{ChannelId, Event, Output};

/// What a socket carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Data {
    Text(String),
    Bytes(Vec<u8>),
}

/// A parsed frame, or a part of one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Value(Value),
    Bytes(Vec<u8>),
    /// The header of a binary frame, with the payload at its key.
    Headed(Value, String, Vec<u8>),
}

/// The owner of text and JSON in native tests.
#[derive(Default)]
pub(crate) struct NativeHost {
    names: Vec<String>,
    /// The time of day.
    pub(crate) time: u64,
    /// The frames of messages that went the short way.
    pub(crate) kept: BTreeMap<u64, String>,
}

const LAYOUT: u8 = 1;
const MAX_HEADER: usize = 8192;

impl NativeHost {
    /// The name that was bound to `channel`.
    pub(crate) fn name(&self, channel: ChannelId) -> &str {
        &self.names[channel.get() as usize - 1]
    }

    /// What stands at a place of configuration.
    pub(crate) fn at(&self, json: &Json, key: Option<Key<'_>>) -> Option<Json> {
        if let Json::Value(value) = json { place(value, key).cloned().map(Json::Value) } else { None }
    }

    /// Reads a frame's header as `shape` says.
    pub(crate) fn read(&self, shape: &Shape<'_>, data: &Data) -> (Header, Json) {
        match data {
            Data::Text(text) => self.read_text(shape, text).unwrap_or_else(broken),
            Data::Bytes(bytes) if shape.binary == Binary::Bare => {
                (Header { kind: Header::BINARY, ..blank() }, Json::Bytes(bytes.clone()))
            }
            Data::Bytes(bytes) => self.read_headed(shape, bytes).unwrap_or_else(broken),
        }
    }

    fn read_text(&self, shape: &Shape<'_>, text: &str) -> Option<(Header, Json)> {
        match shape.text {
            Textual::Bare => {
                return Some((Header { kind: Header::TEXT, ..blank() }, Json::Value(Value::from(text))));
            }
            Textual::Packet => return self.read_packet(shape, text),
            Textual::Json => {}
        }
        let value: Value = serde_json::from_str(text).ok()?;
        Some((self.header(shape, &value)?, Json::Value(value)))
    }

    fn read_headed(&self, shape: &Shape<'_>, bytes: &[u8]) -> Option<(Header, Json)> {
        let (&[LAYOUT, high, low], rest) = bytes.split_first_chunk::<3>()? else { return None };
        let length = usize::from(high) << 8 | usize::from(low);
        if length == 0 || length > MAX_HEADER || length > rest.len() {
            return None;
        }
        let value: Value = serde_json::from_slice(&rest[..length]).ok()?;
        let header = self.header(shape, &value)?;
        let Some(Key::Name(payload)) = shape.payload else { return None };
        Some((header, Json::Headed(value, payload.to_owned(), rest[length..].to_vec())))
    }

    /// Two digits, or one; `N-` attachments; `/namespace,`; an acknowledgement id; JSON.
    fn read_packet(&self, shape: &Shape<'_>, text: &str) -> Option<(Header, Json)> {
        let (digits, mut rest) = take_digits(text, 2);
        let mut header = Header { kind: digits.parse().ok()?, ..blank() };
        let (count, after) = take_digits(rest, 9);
        if let Some(after) = after.strip_prefix('-') {
            header.numbers[0] = count.parse().ok()?;
            rest = after;
        }
        let mut namespace = "/";
        if rest.starts_with('/') {
            (namespace, rest) = rest.split_once(',').unwrap_or((rest, ""));
        }
        header.channel = self.known(namespace);
        let (id, rest) = take_digits(rest, 15);
        header.numbers[1] = id.parse().unwrap_or(f64::NAN);
        if rest.is_empty() {
            return Some((header, Json::Value(Value::Null)));
        }
        let value: Value = serde_json::from_str(rest).ok()?;
        header.event = word(shape, place(&value, shape.event));
        Some((header, Json::Value(value)))
    }

    fn header(&self, shape: &Shape<'_>, value: &Value) -> Option<Header> {
        if !(value.is_object() || value.is_array()) {
            return None;
        }
        let mut header = Header {
            kind: word(shape, place(value, shape.kind)),
            event: word(shape, place(value, shape.event)),
            channel: place(value, shape.channel).and_then(Value::as_str).and_then(|name| self.known(name)),
            ..blank()
        };
        for (number, key) in header.numbers.iter_mut().zip(shape.numbers) {
            *number = number_at(place(value, Some(*key)));
        }
        Some(header)
    }

    fn known(&self, name: &str) -> Option<ChannelId> {
        let index = self.names.iter().position(|known| known == name)?;
        ChannelId::new(u32::try_from(index).ok()? + 1)
    }
}

fn blank() -> Header {
    Header { kind: 0, event: 0, channel: None, numbers: [f64::NAN; 3] }
}

fn broken() -> (Header, Json) {
    (Header { kind: Header::BROKEN, ..blank() }, Json::Value(Value::Null))
}

fn take_digits(text: &str, most: usize) -> (&str, &str) {
    let end = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    text.split_at(end)
}

fn place<'a>(value: &'a Value, key: Option<Key<'_>>) -> Option<&'a Value> {
    match key? {
        Key::Name(name) => value.get(name),
        Key::Index(index) => value.get(index as usize),
        Key::Path(path) => path.iter().try_fold(value, |value, name| value.get(name)),
    }
}

fn word(shape: &Shape<'_>, value: Option<&Value>) -> u32 {
    match value {
        Some(Value::Number(number)) => number
            .as_u64()
            .and_then(|number| u32::try_from(number).ok())
            .filter(|kind| *kind < Header::WORD)
            .unwrap_or(0),
        Some(Value::String(word)) => {
            let place = shape.words.iter().position(|known| known == word);
            Header::WORD + place.map_or(0, |index| index as u32 + 1)
        }
        _ => 0,
    }
}

fn number_at(value: Option<&Value>) -> f64 {
    match value {
        Some(Value::Number(number)) => number.as_f64().unwrap_or(f64::NAN),
        Some(Value::String(digits)) => digits.parse().unwrap_or(f64::NAN),
        _ => f64::NAN,
    }
}

impl Host for NativeHost {
    type Text = String;
    type Json = Json;
    type Bytes = Vec<u8>;
    type Emitted = Event<Self>;

    fn emit(outputs: &mut VecDeque<Output<Self>>, event: Event<Self>) {
        outputs.push_back(Output::Emit(event));
    }

    fn channel(&mut self, name: &String) -> ChannelId {
        self.known(name).unwrap_or_else(|| {
            self.names.push(name.clone());
            self.known(name).expect("a name that is known now")
        })
    }

    fn text(&mut self, text: &str) -> String {
        text.to_owned()
    }

    fn quote(&mut self, text: &String) -> String {
        Value::from(text.as_str()).to_string()
    }

    fn write(&mut self, template: &Template<'_>, slots: Slots<'_, Self>) -> Frame<Self> {
        if matches!(slots.payload, Payload::Kept) {
            return Frame::Text(self.kept[&slots.number].clone());
        }
        let bytes = if let Payload::Binary(bytes) = slots.payload { Some(bytes) } else { None };
        let mut text = String::new();
        let parts = template.parts();
        for (index, part) in parts.iter().enumerate() {
            match part {
                Part::Text(_) if bytes.is_some() && parts.get(index + 1) == Some(&Part::Payload) => {}
                Part::Text(literal) => text += literal,
                Part::Number => text += &slots.number.to_string(),
                Part::Channel => {
                    let name = self.name(slots.channel.expect("a channel")).to_owned();
                    text += &self.quote(&name);
                }
                Part::Word => text += slots.word.expect("a word"),
                Part::Time => text += &self.time.to_string(),
                Part::Members => {
                    let Payload::Text(payload) = slots.payload else { continue };
                    let members = payload.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
                    for part in [members.expect("an object"), ","].iter().filter(|_| payload != "{}") {
                        text += part;
                    }
                }
                Part::Payload => match slots.payload {
                    Payload::Empty => text += "null",
                    Payload::Text(payload) => text += payload,
                    Payload::Binary(_) | Payload::Kept => {}
                },
            }
        }
        let Some(bytes) = bytes else { return Frame::Text(text) };
        let length = u16::try_from(text.len()).expect("a header under 64 kB").to_be_bytes();
        Frame::Binary([&[LAYOUT], &length[..], text.as_bytes(), bytes].concat())
    }

    fn get(&self, json: &Json, key: &str) -> Option<Json> {
        match json {
            Json::Headed(_, payload, bytes) if *payload == key => Some(Json::Bytes(bytes.clone())),
            Json::Value(value) | Json::Headed(value, ..) => value.get(key).cloned().map(Json::Value),
            Json::Bytes(_) => None,
        }
    }

    fn item(&self, json: &Json, index: usize) -> Option<Json> {
        let Json::Value(Value::Array(items)) = json else { return None };
        items.get(index).cloned().map(Json::Value)
    }

    fn number(&self, json: &Json) -> Option<f64> {
        if let Json::Value(value) = json { value.as_f64() } else { None }
    }

    fn is_text(&self, json: &Json, text: &String) -> bool {
        matches!(json, Json::Value(Value::String(word)) if word == text)
    }

    fn boolean(&self, json: &Json) -> Option<bool> {
        if let Json::Value(value) = json { value.as_bool() } else { None }
    }

    fn string(&self, json: &Json) -> Option<String> {
        if let Json::Value(value) = json { value.as_str().map(str::to_owned) } else { None }
    }

    fn is_object(&self, text: &String) -> bool {
        text.starts_with('{')
    }

    fn read(&self, text: &String) -> String {
        text.clone()
    }

    fn parse(&self, text: &str) -> Option<Json> {
        serde_json::from_str(text).ok().map(Json::Value)
    }

    fn stringify(&self, json: &Json) -> String {
        if let Json::Value(value) = json { value.to_string() } else { "null".to_owned() }
    }
}
