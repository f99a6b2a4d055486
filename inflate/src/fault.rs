//! What can be wrong with compressed bytes.

/// Why a decoder gave up. The numbers are what pkg-template/src/discord/inflate.ts puts into words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Fault {
    /// They do not begin like this compression.
    NotCompressed = 1,
    /// They contradict themselves.
    Corrupt = 2,
    /// What came out is not what went in, says its checksum or its length.
    Checksum = 3,
    /// The message is longer than [`crate::Limits::message`].
    TooLarge = 4,
    /// They refer further back than [`crate::Limits::window`].
    Window = 5,
    /// They need a dictionary that nobody has.
    Dictionary = 6,
    /// The stream had ended, and more came.
    Ended = 7,
    /// A message that should have been whole stops in the middle.
    Truncated = 8,
    /// The browser gives no more memory.
    Memory = 9,
}
