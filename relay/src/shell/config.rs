//! Where each option comes from: its flag, else the environment, else the file of `--config`, else its default.
//!
//! The file's keys are the long flags' names, so there is one name for everything. Its values become the defaults of the
//! command line, after each was checked by its option's own rule.

use std::any::TypeId;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fmt::{self, Write};
use std::path::{Path, PathBuf};

use clap::builder::{OsStr, Resettable};
use clap::error::{ContextKind, ContextValue};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command, CommandFactory, FromArgMatches};

use super::options::Options;

/// What is about this start, not about the server.
const NOT_IN_A_FILE: [&str; 2] = ["config", "check_config"];

/// Why there are no options.
#[derive(Debug)]
pub enum ConfigError {
    /// The command line or the environment is wrong, or asks for help.
    Usage(clap::Error),
    /// A variable of the environment has a wrong value.
    Environment {
        /// The variable.
        variable: String,
        /// What was expected, and what came.
        message: String,
    },
    /// The file cannot be read.
    Read(PathBuf, std::io::Error),
    /// The file is no TOML.
    Syntax {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it. Never its text, which may be a secret.
        message: String,
    },
    /// A key of the file is unknown, or its value is wrong.
    Key {
        /// The file.
        file: PathBuf,
        /// The key.
        key: String,
        /// What was expected, and what came.
        message: String,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(error) => error.fmt(f),
            Self::Environment { variable, message } => write!(f, "{variable}: {message}"),
            Self::Read(file, error) => write!(f, "--config {}: {error}", file.display()),
            Self::Syntax { file, line, message } => write!(f, "{}, line {line}: {message}", file.display()),
            Self::Key { file, key, message } => write!(f, "{}: {key}: {message}", file.display()),
        }
    }
}

impl std::error::Error for ConfigError {}

/// The options, and where each came from.
#[derive(Clone, Debug)]
pub struct Config {
    /// The options.
    pub options: Options,
    effective: String,
}

impl Config {
    /// Reads the command line (the program's name first), the environment and the file they name.
    ///
    /// # Errors
    ///
    /// What is wrong, and where: the flag, the variable or the file and its key.
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, ConfigError> {
        let arguments: Vec<OsString> = arguments.into_iter().collect();
        let command = Options::command();
        let first = parse(&command, &arguments)?;
        let entries = match first.get_one::<PathBuf>("config") {
            Some(file) => read_file(&command, file)?,
            None => Vec::new(),
        };
        let in_file: BTreeSet<String> = entries.iter().map(|(id, _)| id.clone()).collect();
        let mut command = command;
        for (id, values) in entries {
            command =
                command.mut_arg(id, |arg| arg.default_values(values.into_iter().map(|value| OsStr::from(&value))));
        }
        let matches = parse(&command, &arguments)?;
        let options = Options::from_arg_matches(&matches).map_err(ConfigError::Usage)?;
        Ok(Self { options, effective: effective(&command, &matches, &in_file) })
    }

    /// What the server runs with, as a TOML file would say it, and where each line came from. Secrets are redacted.
    pub fn effective(&self) -> &str {
        &self.effective
    }
}

/// What kind of TOML value an option is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Boolean,
    Integer,
    Text,
    List,
}

impl Kind {
    fn of(arg: &Arg) -> Self {
        let of = arg.get_value_parser().type_id();
        if arg.get_value_delimiter().is_some() {
            Self::List
        } else if of == TypeId::of::<bool>() {
            Self::Boolean
        } else if of == TypeId::of::<u32>() || of == TypeId::of::<u64>() {
            Self::Integer
        } else {
            Self::Text
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Boolean => "true or false",
            Self::Integer => "a whole number from 0 up",
            Self::Text => "a string",
            Self::List => "an array of strings",
        }
    }

    /// The words of a TOML value on a command line.
    fn words(self, value: &toml::Value) -> Option<Vec<String>> {
        match (self, value) {
            (Self::Boolean, toml::Value::Boolean(value)) => Some(vec![value.to_string()]),
            (Self::Integer, toml::Value::Integer(value)) if *value >= 0 => Some(vec![value.to_string()]),
            (Self::Text, toml::Value::String(value)) => Some(vec![value.clone()]),
            (Self::List, toml::Value::Array(values)) => {
                values.iter().map(|value| value.as_str().map(str::to_owned)).collect()
            }
            _ => None,
        }
    }
}

/// The options that a file may set.
fn settable(command: &Command) -> impl Iterator<Item = (&str, &Arg)> {
    let settable = command.get_arguments().filter(|arg| !NOT_IN_A_FILE.contains(&arg.get_id().as_str()));
    settable.filter_map(|arg| Some((arg.get_long()?, arg))).filter(|(name, _)| !matches!(*name, "help" | "version"))
}

/// Reads the command line and the environment.
fn parse(command: &Command, arguments: &[OsString]) -> Result<ArgMatches, ConfigError> {
    let parsed = command.clone().try_get_matches_from(arguments);
    parsed.map_err(|error| in_environment(command, arguments, &error).unwrap_or(ConfigError::Usage(error)))
}

/// The same error as one of the environment, if it is: the parser would call it the flag's.
fn in_environment(command: &Command, arguments: &[OsString], error: &clap::Error) -> Option<ConfigError> {
    let ContextValue::String(shown) = error.get(ContextKind::InvalidArg)? else { return None };
    let name = shown.trim_start_matches("--").split([' ', '[', '=']).next()?;
    let arg = command.get_arguments().find(|arg| arg.get_long() == Some(name))?;
    let variable = arg.get_env()?;
    let value = std::env::var(variable).ok()?;
    let without = command.clone().mut_arg(arg.get_id(), |arg| arg.env(Resettable::<OsStr>::Reset));
    match without.try_get_matches_from(arguments) {
        Err(again) if again.get(ContextKind::InvalidArg) == error.get(ContextKind::InvalidArg) => None,
        _ => Some(ConfigError::Environment {
            variable: variable.to_string_lossy().into_owned(),
            message: expected(error, &value),
        }),
    }
}

fn read_file(command: &Command, file: &Path) -> Result<Vec<(String, Vec<String>)>, ConfigError> {
    let text = std::fs::read_to_string(file).map_err(|error| ConfigError::Read(file.to_owned(), error))?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let start = error.span().map_or(0, |span| span.start);
        let line = 1 + text.get(..start).unwrap_or_default().matches('\n').count();
        ConfigError::Syntax { file: file.to_owned(), line, message: error.message().to_owned() }
    })?;
    let wrong = |key: &str, message| ConfigError::Key { file: file.to_owned(), key: key.to_owned(), message };
    let mut entries = Vec::new();
    for (key, value) in &table {
        let Some((_, arg)) = settable(command).find(|(name, _)| name == key) else {
            let known: Vec<&str> = settable(command).map(|(name, _)| name).collect();
            return Err(wrong(key, format!("unknown key: expected one of {}", known.join(", "))));
        };
        let kind = Kind::of(arg);
        let Some(words) = kind.words(value) else {
            return Err(wrong(key, format!("expected {}, came {}", kind.name(), came(arg, value))));
        };
        check(command, key, &words).map_err(|message| wrong(key, message))?;
        entries.push((arg.get_id().to_string(), words));
    }
    Ok(entries)
}

/// A value as an error may show it.
fn came(arg: &Arg, value: &toml::Value) -> String {
    match value {
        toml::Value::Table(_) => "a table".into(),
        toml::Value::Array(_) => "an array".into(),
        _ if arg.is_hide_env_values_set() => format!("a value of type {}", value.type_str()),
        value => value.to_string(),
    }
}

/// Whether the option's own rule takes these words, the environment aside.
fn check(command: &Command, key: &str, words: &[String]) -> Result<(), String> {
    let alone = command.clone().mut_args(|arg| arg.env(Resettable::<OsStr>::Reset));
    let arguments = words.iter().map(|word| format!("--{key}={word}"));
    let Err(error) = alone.try_get_matches_from(["tautline-relay".to_owned()].into_iter().chain(arguments)) else {
        return Ok(());
    };
    Err(expected(&error, &words.join(", ")))
}

/// What an option's own rule says to a value. No rule judges a secret, so none is shown here.
fn expected(error: &clap::Error, came: &str) -> String {
    match (error.get(ContextKind::ValidValue), std::error::Error::source(error)) {
        (Some(ContextValue::Strings(valid)), _) if !valid.is_empty() => {
            format!("expected one of {}, came {came:?}", valid.join(", "))
        }
        (_, Some(source)) => format!("expected another value, came {came:?}: {source}"),
        _ => format!("expected another value, came {came:?}"),
    }
}

fn effective(command: &Command, matches: &ArgMatches, in_file: &BTreeSet<String>) -> String {
    let mut text = String::new();
    for (name, arg) in settable(command) {
        let id = arg.get_id().as_str();
        let Some(raw) = matches.get_raw(id) else {
            let _ = writeln!(text, "# {name} is not set");
            continue;
        };
        let source = match matches.value_source(id) {
            Some(ValueSource::CommandLine) => "flag",
            Some(ValueSource::EnvVariable) => "environment",
            _ if in_file.contains(id) => "file",
            _ => "default",
        };
        let words = raw.map(|word| word.to_string_lossy());
        let quoted = |word: &str| toml::Value::from(word).to_string();
        let value = match Kind::of(arg) {
            _ if arg.is_hide_env_values_set() => r#""(redacted)""#.to_owned(),
            Kind::List => format!("[{}]", words.map(|word| quoted(&word)).collect::<Vec<_>>().join(", ")),
            Kind::Text => words.map(|word| quoted(&word)).collect(),
            Kind::Boolean => matches.get_one::<bool>(id).copied().unwrap_or_default().to_string(),
            Kind::Integer => words.collect(),
        };
        let _ = writeln!(text, "{name} = {value} # {source}");
    }
    text
}
