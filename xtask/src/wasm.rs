//! The cores as WebAssembly, one for each published protocol: compiled, bound to JavaScript, optimised, packed, and written where
//! the npm package's source imports them.
//!
//! In: the crate at the root, the one that unpacks it, and the one that decompresses streams. Out: `pkg-template/src/wasm/`: a
//! folder for each core (glue, declarations, snippets, the wasm, and the wasm as text), the unpacker as text, and a folder
//! `inflate` with each decoder as text.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use anyhow::{Context, Result, anyhow};
use tautline_pack::pack;
use wasm_bindgen_cli_support::Bindgen;

use crate::workspace::Workspace;
use crate::{command, folder, npm, order, shrink};

/// Where the npm package's source expects the cores, from the root.
pub(crate) const FOLDER: &str = "pkg-template/src/wasm";

/// The published cores: each speaks one protocol, is built with its cargo feature alone, and has a folder of its name.
pub(crate) const CORES: [&str; 4] = ["tautline", "json", "raw", "discord"];

/// Names inside a core's folder: the wasm, its glue, and the wasm as the npm package's source imports it.
pub(crate) const WASM: &str = "core_bg.wasm";
pub(crate) const GLUE: &str = "core.js";
pub(crate) const BYTES: &str = "bytes.ts";

/// The crate that packs the cores, and unpacks them.
const PACK: &str = "tautline-pack";

/// The wasm of it, as the npm package's source imports it, inside `FOLDER`.
pub(crate) const UNPACKER: &str = "unpacker.ts";

/// The decoders of compressed streams: each is a cargo feature of its crate, and a file of its name in the folder `inflate`.
pub(crate) const DECODERS: [&str; 2] = ["zlib", "zstd"];

/// The core calls little and recurses nowhere deep; LLVM's default of 1 MiB would be reserved in every tab.
const STACK_BYTES: u32 = 65_536;

/// What unpacks needs none, and what stands behind the stack has short addresses.
const NO_STACK_BYTES: u32 = 16;

/// What LLVM does for speed where much is looped over and computed, and what breaks repetitions up: a variable for every stride of a loop,
/// loads ahead of the branch that needs them, one value kept for two uses, small structs copied word by word.
const LEFT_OUT: [&str; 4] = ["-disable-lsr", "-enable-pre=false", "-disable-machine-cse", "-max-store-memcpy=1"];

/// What rustc emits by default, and every browser since 2022 has.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// And what the unpacker computes with, which every browser since 2023 has.
const SIMD: &str = "--enable-simd";

/// How much work to put into a small wasm.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Optimise {
    /// wasm-opt -Oz: what is published.
    Size,
    /// None after rustc: quicker, larger.
    Nothing,
}

/// Builds the cores into `FOLDER`. While one is compiled, those before it are optimised.
pub(crate) fn build(workspace: &Workspace, optimise: Optimise) -> Result<()> {
    let bound = workspace.scratch("wasm");
    folder::empty(&bound)?;
    thread::scope(|scope| {
        let mut running = Vec::new();
        for core in CORES {
            let into = bound.join(core);
            let compiled = compile(workspace, "tautline", &["--no-default-features", "--features", core])?;
            bind(&compiled, &into)?;
            running.push(scope.spawn(move || finish(workspace, core, &into, optimise)));
        }
        let unpacker = bound.join("unpacker.wasm");
        fs::copy(compile(workspace, PACK, &[])?, &unpacker)?;
        shrink::keep_exports(&unpacker, &["memory", "run"])?;
        run_passes(workspace, &unpacker, &[&SIZE[..], &[SIMD]].concat())?;
        let text = letters(&fs::read(&unpacker)?);
        fs::remove_file(unpacker)?;
        let text = format!(
            "/** The wasm that unpacks a core, as letters. */\nexport const unpacker: string =\n  \"{text}\"\n"
        );
        fs::write(bound.join(UNPACKER), text)?;
        fs::create_dir(bound.join("inflate"))?;
        for decoder in DECODERS {
            let wasm = bound.join("inflate").join(decoder).with_extension("wasm");
            fs::copy(compile(workspace, "tautline-inflate", &["--features", decoder])?, &wasm)?;
            optimise_speed(workspace, &wasm)?;
            let bytes = fs::read(&wasm)?;
            fs::write(wasm.with_extension("ts"), as_text(&bytes))?;
            println!("{FOLDER}/inflate/{decoder}.wasm: {} bytes", bytes.len());
        }
        running.into_iter().try_for_each(|thread| thread.join().map_err(|_| anyhow!("optimising panicked"))?)
    })?;
    let destination = workspace.path(FOLDER);
    folder::empty(&destination)?;
    folder::copy(&bound, &destination)
}

/// From what wasm-bindgen wrote to what is published.
fn finish(workspace: &Workspace, core: &str, folder: &Path, optimise: Optimise) -> Result<()> {
    let wasm = folder.join(WASM);
    if optimise == Optimise::Size {
        shrink::shrink(&wasm, &folder.join(GLUE))?;
        // Packed, these lose what they win: values kept for later, functions in the place of their only call, and alignments.
        let packed = ["--skip-pass=local-cse", "--one-caller-inline-max-function-size=30", "--dealign"];
        run_passes(workspace, &wasm, &[&SIZE[..], &packed].concat())?;
        fs::write(&wasm, order::order(&fs::read(&wasm)?)?)?;
    }
    let bytes = fs::read(&wasm)?;
    fs::write(folder.join(BYTES), as_text(&bytes))?;
    println!("{FOLDER}/{core}/{WASM}: {} bytes", bytes.len());
    Ok(())
}

/// What the loader of an entry (pkg-template/src/load.ts) is given. An object, because a text alone is written by minifiers where it is used,
/// inside a function, which browsers read twice.
fn as_text(core: &[u8]) -> String {
    let (packed, length) = (pack(core), core.len());
    format!(
        "import type {{ Bytes }} from '../../load.ts'\n\n\
         /** The wasm. */\nexport const bytes: Bytes = {{\n  length: {length},\n  packed:\n    \"{packed}\",\n}}\n"
    )
}

/// Bytes as pkg-template/src/load.ts reads them: a letter for most, so that gzip sees what is repeated, as it does not in base64 (300 bytes
/// less). A letter is its byte less 213, and less 112 for each `~` before it. No tool has to escape one.
fn letters(bytes: &[u8]) -> String {
    let plain = |letter: &u8| matches!(letter, b' '..=b'}') && !b"\"'`\\$<".contains(letter);
    let text = bytes.iter().flat_map(|byte| {
        let mut letter = byte.wrapping_sub(213);
        let mut shifts = 0;
        while !plain(&letter) {
            letter = letter.wrapping_sub(112);
            shifts += 1;
        }
        std::iter::repeat_n('~', shifts).chain([char::from(letter)])
    });
    text.collect()
}

/// A cdylib alone: together with the rlib, rustc would give up link-time optimisation.
fn compile(workspace: &Workspace, package: &str, features: &[&str]) -> Result<PathBuf> {
    let mut cargo = workspace.cargo();
    cargo
        .args(["rustc", "--package", package, "--lib", "--crate-type", "cdylib"])
        .args(["--release", "--target", "wasm32-unknown-unknown"])
        .args(features)
        .env("CARGO_ENCODED_RUSTFLAGS", rustflags(workspace, package)?);
    command::run(&mut cargo)?;
    Ok(workspace.target.join(format!("wasm32-unknown-unknown/release/{}.wasm", package.replace('-', "_"))))
}

/// A small stack, and no path of this machine in the panic messages.
fn rustflags(workspace: &Workspace, package: &str) -> Result<OsString> {
    let sysroot = command::output(
        Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
            .current_dir(&workspace.root)
            .args(["--print", "sysroot"]),
    )?;
    let cargo_home =
        env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    let stack = if package == PACK { NO_STACK_BYTES } else { STACK_BYTES };
    let mut flags: Vec<OsString> = vec!["-C".into(), format!("link-arg=-zstack-size={stack}").into()];
    if package == PACK {
        flags.extend(["-C".into(), "target-feature=+simd128".into()]);
    }
    if package == "tautline" {
        flags.extend(["-C".into(), format!("llvm-args={}", LEFT_OUT.join(" ")).into()]);
    }
    let mut remap = |from: &Path, to: &str| {
        let mut flag = OsString::from("--remap-path-prefix=");
        flag.push(from);
        flag.push("=");
        flag.push(to);
        flags.push(flag);
    };
    remap(Path::new(sysroot.trim()), "/rust");
    if let Some(cargo_home) = cargo_home {
        remap(&cargo_home, "/cargo");
    }
    remap(&workspace.target, "/target");
    remap(&workspace.root, "/tautline");
    Ok(flags.join(std::ffi::OsStr::new("\u{1f}")))
}

/// Without a default path the glue has no `import.meta`: bundlers have nothing to resolve, the package hands it the bytes.
fn bind(compiled: &Path, out: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(compiled)
        .out_name("core")
        .web(true)?
        .typescript(true)
        .omit_default_module_path(true)
        .remove_producers_section(true);
    bindgen.generate(out).with_context(|| format!("wasm-bindgen could not bind {}", compiled.display()))
}

/// Passes that make a wasm small.
const SIZE: [&str; 4] = ["--flatten", "--rereloop", "-Oz", "-Oz"];

fn optimise_speed(workspace: &Workspace, wasm: &Path) -> Result<()> {
    run_passes(workspace, wasm, &["-O3"])
}

fn run_passes(workspace: &Workspace, wasm: &Path, passes: &[&str]) -> Result<()> {
    command::run(
        npm::program(workspace, "wasm-opt")?
            .args(FEATURES)
            .args(["--strip-debug", "--strip-producers", "--strip-target-features", "--low-memory-unused"])
            .args(passes)
            .arg("-o")
            .arg(wasm)
            .arg(wasm),
    )
}

#[cfg(test)]
mod tests {
    use super::letters;

    #[test]
    fn every_byte_is_a_letter_or_a_few_that_no_string_has_to_escape() {
        for byte in 0..=255 {
            let text = letters(&[byte]);
            let (letter, shifts) = text.as_bytes().split_last().unwrap();
            assert!(shifts.len() < 16 && shifts.iter().all(|shift| *shift == b'~'), "{text}");
            assert!((b' '..b'~').contains(letter) && !b"\"'`\\$<".contains(letter), "{text}");
            assert_eq!((usize::from(*letter) + 213 + 112 * shifts.len()) % 256, usize::from(byte));
        }
    }
}
