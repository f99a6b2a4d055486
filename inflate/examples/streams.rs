//! Writes what a gateway would send, for tests/bench: `plain.bin`, `zlib.bin` and `zstd.bin` in the folder given, each a list of
//! frames with the length of each before it.

use std::fs;
use std::path::PathBuf;

use flate2::{Compress, Compression, FlushCompress};
use zstd::stream::raw::{Encoder, InBuffer, Operation, OutBuffer};

#[path = "../tests/support/payload.rs"]
mod payload;

fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).expect("expected a folder to write to"));
    let (mut plain, mut zlib, mut zstd) = (Vec::new(), Vec::new(), Vec::new());
    let mut deflate = Compress::new(Compression::new(6), true);
    let mut encoder = Encoder::new(3).expect("an encoder");
    for index in 0..6020 {
        let message = payload::dispatch(index, if index < 20 { 150_000 } else { 250 + 37 * (index as usize % 20) });
        add(&mut plain, &message);
        let mut out = Vec::with_capacity(message.len() + 1000);
        deflate.compress_vec(&message, &mut out, FlushCompress::Sync).expect("room");
        add(&mut zlib, &out);
        out.clear();
        let mut input = InBuffer::around(&message);
        let mut output = OutBuffer::around(&mut out);
        encoder.run(&mut input, &mut output).expect("room");
        while encoder.flush(&mut output).expect("room") > 0 {}
        assert_eq!(input.pos(), message.len(), "room for all of it");
        add(&mut zstd, &out);
    }
    for (name, bytes) in [("plain", plain), ("zlib", zlib), ("zstd", zstd)] {
        fs::write(folder.join(name).with_extension("bin"), bytes).expect("a folder that can be written to");
    }
}

fn add(list: &mut Vec<u8>, frame: &[u8]) {
    list.extend((frame.len() as u32).to_le_bytes());
    list.extend(frame);
}
