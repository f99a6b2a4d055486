//! The walls of the design, held by reading the source: what stands where, and what must not.

#![cfg(not(target_arch = "wasm32"))]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All files below a folder with one of these extensions; none where there is no such folder.
fn files(folder: &str, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| extensions.iter().any(|wanted| end == *wanted)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn name(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).to_string_lossy().into_owned()
}

/// The code of a file: comments out, and everything from its tests on.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).fold(String::new(), |mut code, line| {
        let _ = writeln!(code, "{line}");
        code
    })
}

/// Says where a forbidden word stands.
fn offences(paths: &[PathBuf], forbidden: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for path in paths {
        for (number, line) in code(path).lines().enumerate() {
            for word in forbidden.iter().filter(|word| line.contains(**word)) {
                found.push(format!("{}: `{word}` in code line {}: {}", name(path), number + 1, line.trim()));
            }
        }
    }
    found
}

fn core() -> Vec<PathBuf> {
    let browser = [root().join("src/browser"), root().join("src/bindings")];
    files("src", &["rs"]).into_iter().filter(|path| !browser.iter().any(|wall| path.starts_with(wall))).collect()
}

#[test]
fn the_core_has_no_clock_no_hash_order_and_no_web() {
    let forbidden = [
        "std::time::Instant",
        "SystemTime",
        "std::time::",
        "HashMap",
        "HashSet",
        "std::thread",
        "std::net",
        "std::fs",
        "web_sys",
        "js_sys",
        "wasm_bindgen",
        "gloo",
        "getrandom",
        "tokio",
        "unsafe ",
    ];
    assert_eq!(offences(&core(), &forbidden), [] as [String; 0]);
    assert!(core().len() > 20, "this test reads the right folder");
}

#[test]
fn no_protocols_name_stands_in_the_parts_that_serve_all_protocols() {
    let paths: Vec<_> =
        ["src/connection", "src/channel", "src/client"].iter().flat_map(|f| files(f, &["rs"])).collect();
    let forbidden = [
        "discord",
        "Discord",
        "socketio",
        "SocketIo",
        "socket.io",
        "engine.io",
        "phoenix",
        "Phoenix",
        "supabase",
        "tautline",
        "Tautline",
        "protocol::json",
        "protocol::raw",
    ];
    assert_eq!(offences(&paths, &forbidden), [] as [String; 0]);
    assert!(paths.len() > 8, "this test reads the right folders");
}

#[test]
fn an_adapter_owns_no_timer() {
    let forbidden = ["Timer", "Instant", "crate::connection", "crate::client", "crate::outbox"];
    assert_eq!(offences(&files("src/protocol", &["rs"]), &forbidden), [] as [String; 0]);
}

#[test]
fn no_file_is_longer_than_500_lines() {
    let folders = ["src", "relay/src", "xtask/src", "pack/src", "inflate/src", "pkg-template/src", "www/src"];
    let long: Vec<_> = folders
        .iter()
        .flat_map(|folder| files(folder, &["rs", "ts", "tsx", "js", "css"]))
        .filter(|path| !name(path).contains("/wasm/"))
        .map(|path| (fs::read_to_string(&path).map_or(0, |text| text.lines().count()), name(&path)))
        .filter(|(lines, _)| *lines > 500)
        .collect();
    assert_eq!(long, []);
}

#[test]
fn no_file_is_a_drawer_for_everything() {
    let drawers: Vec<_> = ["src", "relay/src", "xtask/src", "pack/src", "inflate/src", "pkg-template/src", "www/src"]
        .iter()
        .flat_map(|folder| files(folder, &["rs", "ts", "tsx"]))
        .filter(|path| {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            ["util", "utils", "common", "helpers", "misc"].contains(&stem.as_str())
        })
        .collect();
    assert_eq!(drawers, [] as [PathBuf; 0]);
}

#[test]
fn the_three_lists_of_error_codes_are_one() {
    let rust: Vec<_> = tautline::Code::ALL.iter().map(|code| code.name().to_owned()).collect();

    let table = read("pkg-template/src/codes.ts");
    let table = table.split("const table = {").nth(1).and_then(|rest| rest.split("\n}\n").next()).expect("the table");
    let typescript: Vec<_> = table
        .lines()
        .filter_map(|line| line.strip_prefix("  '")?.split_once("':").map(|(code, _)| code.to_owned()))
        .collect();
    assert_eq!(typescript, rust, "pkg-template/src/codes.ts: the order is the number that the core speaks of");

    let errors = read("docs/errors.md");
    let documented: Vec<_> =
        errors.lines().filter_map(|line| line.strip_prefix("## `")?.strip_suffix('`').map(str::to_owned)).collect();
    let set = |list: &[String]| list.iter().cloned().collect::<BTreeSet<_>>();
    assert_eq!(set(&documented), set(&rust), "docs/errors.md: one heading for each code");
    assert_eq!(documented.len(), rust.len(), "docs/errors.md: each once");
}

/// The rows of the table in a module's documentation, without its head.
fn table(path: &str) -> Vec<Vec<String>> {
    let rows = read(path);
    let rows = rows.lines().filter_map(|line| line.strip_prefix("//! |")?.strip_suffix('|'));
    rows.skip(2).map(|row| row.split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// The variants of the enum `State` in a file.
fn states(path: &str) -> Vec<String> {
    let text = read(path);
    let body = text.split("enum State {").nth(1).and_then(|rest| rest.split("\n}").next()).expect("an enum State");
    let lines = body.lines().map(str::trim).filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()));
    lines.map(|line| line.chars().take_while(char::is_ascii_alphanumeric).collect()).collect()
}

/// One diagram of a table of transitions. `first` is the state that a machine is born in.
fn diagram(path: &str, first: &str) -> String {
    let states = states(path);
    let known = |cell: &str| -> Vec<String> {
        let names: Vec<String> = cell
            .split(|letter: char| !letter.is_ascii_alphanumeric())
            .filter(|word| states.iter().any(|state| state == word))
            .map(str::to_owned)
            .collect();
        match cell.split_whitespace().next() {
            Some("any") => states.iter().filter(|state| !names.contains(state)).cloned().collect(),
            _ => names,
        }
    };
    let mut lines = format!("stateDiagram-v2\n  [*] --> {first}\n");
    let mut drawn = BTreeSet::from([first.to_owned()]);
    for row in table(path) {
        let (from, to) = (known(&row[0]), known(&row[2]));
        assert!(!from.is_empty() && !to.is_empty(), "{path}: a row names states that there are: {row:?}");
        for (from, to) in from.iter().flat_map(|from| to.iter().map(move |to| (from, to))) {
            let _ = writeln!(lines, "  {from} --> {to}: {}", row[1]);
            drawn.extend([from.clone(), to.clone()]);
        }
    }
    assert_eq!(drawn, states.into_iter().collect(), "{path}: the table names every state");
    lines
}

#[test]
fn the_diagrams_in_the_docs_are_those_of_the_code() {
    let connection = diagram("src/connection/state.rs", "Idle");
    let channel = diagram("src/channel/state.rs", "Idle");
    let page = format!(
        "# States\n\nDrawn from the tables at the top of `src/connection/state.rs` and `src/channel/state.rs`; a test \
         compares them.\nAfter a change there: `UPDATE=1 cargo test --test architecture`.\n\n\
         ## The connection\n\nWhat applications see of it is smaller: `idle`, `connecting`, `connected`, \
         `reconnecting`, `closed`, `failed`.\n\n```mermaid\n{connection}```\n\n\
         ## A channel\n\n```mermaid\n{channel}```\n"
    );
    if std::env::var_os("UPDATE").is_some() {
        fs::write(root().join("docs/states.md"), &page).expect("docs/states.md can be written");
    }
    assert_eq!(read("docs/states.md"), page, "run it again with UPDATE=1");
}
