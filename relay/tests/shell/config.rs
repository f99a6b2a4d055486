//! Where options come from, what is said about wrong ones, and what the README says about all of them.

use serde_json::json;

use crate::harness::{Folder, Relay};

const SECRET: &str = "a-secret-of-thirty-two-bytes-or-more";

/// Runs `--check-config`; its exit code, what it prints, and what it complains about.
fn check(arguments: &[&str], variables: &[(&str, &str)]) -> (i32, String, String) {
    let output = Relay::output(&[&["--check-config"], arguments].concat(), variables);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.code().expect("an exit code"), text(output.stdout), text(output.stderr))
}

#[tokio::test]
async fn a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default() {
    let folder = Folder::new("precedence");
    let file = folder.write("relay.toml", "open = true\nrate = 7\nheartbeat = 1000\nshutdown-jitter = 1111\n");
    let arguments = ["--shutdown-jitter", "3333"];
    let variables =
        [("TAUTLINE_CONFIG", file.as_str()), ("TAUTLINE_HEARTBEAT", "2000"), ("TAUTLINE_SHUTDOWN_JITTER", "2222")];
    let (code, said, _) = check(&arguments, &variables);
    assert_eq!(code, 0);
    for line in [
        "open = true # file",
        "rate = 7 # file",
        "heartbeat = 2000 # environment",
        "shutdown-jitter = 3333 # flag",
        "history-size = 1000 # default",
        "# jwt-secret is not set",
    ] {
        assert!(said.lines().any(|it| it == line), "no {line:?} in\n{said}");
    }
    let relay = Relay::start_with(&arguments, &variables);
    let mut client = relay.connect().await;
    let welcome = client.ask(json!({"type":"hello","session":"aaaaaaaaaaaaaaaa"})).await;
    assert_eq!((&welcome["limits"]["rate"], &welcome["heartbeat"]), (&json!(7), &json!(2_000)));
    relay.terminate();
    assert_eq!(client.hear().await["jitter"], 3_333);
}

#[test]
fn every_kind_of_value_can_stand_in_a_file() {
    let folder = Folder::new("kinds");
    let text = "open = true\nallow-origin = [\"https://a.example\", \"https://b.example\"]\nconnections = 5\n\
        log-format = \"json\"\nlisten = \"127.0.0.1:0\"\n";
    let (code, said, complaints) = check(&["--config", &folder.write("relay.toml", text)], &[]);
    assert_eq!((code, complaints.as_str()), (0, ""));
    assert!(said.contains(r#"allow-origin = ["https://a.example", "https://b.example"] # file"#), "{said}");
    assert!(said.contains("connections = 5 # file") && said.contains(r#"log-format = "json" # file"#), "{said}");
}

#[test]
fn a_wrong_file_is_answered_with_its_name_the_key_and_what_was_expected() {
    let folder = Folder::new("wrong");
    for (text, expected) in [
        ("rates = 5", "rates: unknown key: expected one of"),
        ("config = \"x\"", "config: unknown key"),
        ("check-config = true", "check-config: unknown key"),
        ("rate = \"5\"", "rate: expected a whole number from 0 up, came \"5\""),
        ("rate = -5", "rate: expected a whole number from 0 up, came -5"),
        ("rate = 0", "rate: expected another value, came \"0\": 0 is not in 1..=1000000"),
        ("open = 1", "open: expected true or false, came 1"),
        ("allow-origin = \"https://a.example\"", "allow-origin: expected an array of strings"),
        ("log-format = \"xml\"", "log-format: expected one of text, json, came \"xml\""),
        ("listen = \"nowhere\"", "listen: expected another value, came \"nowhere\""),
        ("[limits]\nrate = 5", "limits: unknown key"),
        ("[rate]\nper = 5", "rate: expected a whole number from 0 up, came a table"),
        ("open = true\nrate = = 5", "line 2"),
        ("open = true\nopen = true", "line 2"),
        ("jwt-secret = 1234567890123456", "jwt-secret: expected a string, came a value of type integer"),
    ] {
        let file = folder.write("relay.toml", text);
        for arguments in [&["--check-config", "--config", &file][..], &["--config", &file]] {
            let output = Relay::output(arguments, &[]);
            let said = String::from_utf8(output.stderr).expect("text");
            assert_eq!(output.status.code(), Some(2), "{text}");
            assert!(said.contains(&file) && said.contains(expected), "{text}: {said}");
            assert!(!said.contains("1234567890"), "a secret is shown: {said}");
        }
    }
    let (code, _, said) = check(&["--config", "/no/such/file.toml"], &[]);
    assert!(code == 2 && said.contains("--config /no/such/file.toml"), "{said}");
}

#[test]
fn a_wrong_variable_is_named_and_a_wrong_flag_too() {
    for (variable, value, expected) in [
        ("TAUTLINE_RATE", "fast", "TAUTLINE_RATE: expected another value, came \"fast\""),
        ("TAUTLINE_OPEN", "perhaps", "TAUTLINE_OPEN: expected another value, came \"perhaps\""),
        ("TAUTLINE_LOG_FORMAT", "xml", "TAUTLINE_LOG_FORMAT: expected one of text, json, came \"xml\""),
    ] {
        let (code, _, said) = check(&["--open"], &[(variable, value)]);
        // A flag that is given wins over its variable, however wrong that is.
        if variable == "TAUTLINE_OPEN" {
            assert_eq!(code, 0, "{said}");
        } else {
            assert!(code == 2 && said.contains(expected), "{said}");
        }
        let (code, _, said) = check(&[], &[(variable, value)]);
        assert!(code == 2 && said.contains(expected), "{said}");
    }
    let (code, _, said) = check(&["--open", "--rate", "fast"], &[("TAUTLINE_RATE", "5")]);
    assert!(code == 2 && said.contains("'--rate <COUNT>'") && !said.contains("TAUTLINE_RATE"), "{said}");
    let (code, _, said) = check(&["--open", "--rates", "5"], &[]);
    assert!(code == 2 && said.contains("--rates"), "{said}");
}

#[test]
fn check_config_says_all_that_is_wrong_and_shows_no_secret() {
    let (code, said, complaints) =
        check(&["--tls-cert", "/no/cert.pem"], &[("TAUTLINE_JWT_SECRET", "too-short"), ("TAUTLINE_API_KEY", "short")]);
    assert_eq!((code, complaints.lines().count()), (2, 3), "{complaints}");
    assert!(said.contains(r#"jwt-secret = "(redacted)" # environment"#), "{said}");
    assert!(!(said + &complaints).contains("too-short"));
    let (code, _, complaints) = check(&["--jwt-secret", SECRET], &[]);
    assert_eq!((code, complaints.as_str()), (0, ""));
    let (code, _, complaints) =
        check(&["--jwt-secret", SECRET, "--tls-cert", "/no/cert.pem", "--tls-key", "/no/key.pem"], &[]);
    assert!(code == 2 && complaints.contains("--tls-cert /no/cert.pem: expected a certificate chain"), "{complaints}");
}

#[test]
fn what_check_config_prints_is_a_file_that_means_the_same() {
    let folder = Folder::new("round");
    let (_, said, _) = check(&["--open", "--rate", "7", "--allow-origin", "https://a.example"], &[]);
    let (code, again, complaints) = check(&["--config", &folder.write("relay.toml", &said)], &[]);
    assert_eq!(code, 0, "{complaints}");
    let values = |text: &str| text.parse::<toml::Table>().expect("TOML");
    assert_eq!(values(&said), values(&again));
}
