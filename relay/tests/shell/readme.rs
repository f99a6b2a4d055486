//! The README against the binary: its tables have every option, every limit and every metric, and its example is sound.

use std::collections::{BTreeMap, BTreeSet};

use crate::harness::{Folder, Relay};

const README: &str = include_str!("../../README.md");

/// The cells of every row of the table below this heading, without their code marks.
fn table(heading: &str) -> Vec<Vec<String>> {
    let section = README.split("\n## ").find(|section| section.starts_with(heading)).expect("the section");
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| row.trim_matches('|').split(" | ").map(|cell| cell.trim().replace('`', "")).collect()).collect()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("text")
}

/// Every key a file may have, with its default as TOML, or none.
fn keys() -> BTreeMap<String, Option<String>> {
    let said = text(Relay::output(&["--check-config"], &[]).stdout);
    let line = |line: &str| match line.split_once(" = ") {
        Some((key, value)) => (key.to_owned(), value.strip_suffix(" # default").map(str::to_owned)),
        None => (line.split(' ').nth(1).expect("a key").to_owned(), None),
    };
    said.lines().map(line).collect()
}

#[test]
fn the_table_of_options_has_each_with_its_variable_and_its_default() {
    let help = text(Relay::output(&["--help"], &[]).stdout);
    let rows = table("Options");
    let keys = keys();
    let beside = ["config", "check-config"];
    for row in &rows {
        let [flag, variable, _, default, trade] = row.as_slice() else { panic!("{row:?}") };
        let key = flag.strip_prefix("--").expect("a flag");
        assert!(help.contains(flag) && trade.len() > 5, "{flag}");
        assert!(variable == "–" || help.contains(&format!("[env: {variable}")), "{variable}");
        if beside.contains(&key) {
            continue;
        }
        let known = keys.get(key).unwrap_or_else(|| panic!("{flag} is no option"));
        let known = known.as_ref().map_or("–", |default| default.trim_matches('"'));
        assert_eq!(default, known, "{flag}");
    }
    let told: BTreeSet<&str> = rows.iter().map(|row| row[0].trim_start_matches("--")).collect();
    let all: BTreeSet<&str> = keys.keys().map(String::as_str).chain(beside).collect();
    assert_eq!(told, all);
}

#[test]
fn the_example_file_is_complete_and_sound() {
    let example = README.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let folder = Folder::new("readme");
    let file = folder.write("relay.toml", example);
    let secret = [("TAUTLINE_JWT_SECRET", "a-secret-of-thirty-two-bytes-or-more")];
    let output = Relay::output(&["--check-config", "--config", &file], &secret);
    assert_eq!((output.status.code(), text(output.stderr)), (Some(0), String::new()));
    let named = |line: &str| line.trim_start_matches("# ").split_once(" = ").map(|(key, _)| key.to_owned());
    let shown: BTreeSet<String> = example.lines().filter_map(named).collect();
    assert_eq!(shown, keys().into_keys().collect());
}

#[tokio::test]
async fn the_tables_of_limits_and_metrics_have_each() {
    let metrics = Relay::start(&["--open"]).metrics().await;
    let told = table("Metrics");
    let told: BTreeSet<(&str, &str)> = told.iter().map(|row| (row[0].as_str(), row[1].as_str())).collect();
    assert_eq!(told, metrics.families().collect());
    let told = table("Limits");
    let told: BTreeSet<&str> = told.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(told, metrics.limits().collect());
}
