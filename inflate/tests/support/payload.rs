//! What a gateway says.

/// Numbers that look random, the same each time.
pub(crate) fn numbers(seed: u64) -> impl Iterator<Item = u64> {
    let mut state = seed | 1;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    })
}

/// A dispatch: `size` is about how many bytes it takes.
pub(crate) fn dispatch(index: u64, size: usize) -> Vec<u8> {
    let mut numbers = numbers(index.wrapping_mul(0x9e37_79b9_7f4a_7c15) + 99);
    let mut next = |below: u64| numbers.next().unwrap_or_default() % below;
    let mut text = format!(r#"{{"t":"MESSAGE_CREATE","s":{index},"op":0,"d":{{"id":"{}","content":""#, next(1 << 60));
    const WORDS: [&str; 12] =
        ["hello", "there", "the", "gateway", "says", "what", "\\u00e9t\\u00e9", "is", "ok", "seven", "naïve", "🙂"];
    while text.len() + 120 < size {
        text += WORDS[next(12) as usize];
        text += if next(9) == 0 { ". " } else { " " };
    }
    text += &format!(r#"","author":{{"id":"{}","username":"user{}"}},"type":0}}}}"#, next(1 << 62), next(500));
    text.into_bytes()
}
