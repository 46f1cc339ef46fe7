//! `dms doctor` with settings that are right and wrong.

use std::process::Command;

use sqlx::ConnectOptions as _;
use test_kit::TestDatabase;

/// Exit code and what it says, with these settings and no others.
fn doctor(settings: &[(&str, &str)]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_dms"))
        .arg("doctor")
        .env_clear()
        .env("DataDir", folder.path())
        .env("LogLevel", "error")
        .envs(settings.iter().copied())
        .output()
        .unwrap();
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code(), text)
}

#[tokio::test]
async fn a_server_that_answers_is_well() {
    let database = TestDatabase::create().await;
    let url = database.options().to_url_lossy().to_string();
    let (code, text) = doctor(&[("ConnectionStrings__DefaultConnection", &url)]);
    // The tests' server gives up durability for speed, which the doctor must say; and nothing else.
    let wrong: Vec<&str> = text.lines().filter(|line| line.starts_with("WRONG")).collect();
    assert!(wrong.iter().all(|line| line.contains("a power cut loses")), "{text}");
    assert_eq!(code, Some(i32::from(!wrong.is_empty())), "{text}");
    assert!(text.contains("ok    schema     up to date"), "{text}");
    assert!(text.contains("written, read and removed one"), "{text}");
}

#[test]
fn a_server_that_is_not_there_is_named_with_what_to_do() {
    let (code, text) =
        doctor(&[("ConnectionStrings__DefaultConnection", "postgres://a:geheim@127.0.0.1:1/dms")]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("WRONG database"), "{text}");
    assert!(text.contains("is the server up"), "{text}");
    assert!(!text.contains("geheim"), "{text}");
}

#[test]
fn a_redis_that_is_not_there_and_one_that_is_none_are_found() {
    let (code, text) = doctor(&[("Redis__ConnectionString", "127.0.0.1:1")]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("WRONG Redis"), "{text}");
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = other.local_addr().unwrap().port();
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = other.accept().unwrap();
        std::io::Write::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        // What was sent is read, so that the answer isn't cut off by a reset.
        std::io::Read::read_to_end(&mut stream, &mut Vec::new())
    });
    let (code, text) = doctor(&[("Redis__ConnectionString", &format!("127.0.0.1:{port}"))]);
    drop(answering.join());
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("is no Redis"), "{text}");
}

#[test]
fn collectors_that_refuse_or_are_away_are_said_and_stop_nothing() {
    let collector = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = collector.local_addr().unwrap().port();
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = collector.accept().unwrap();
        // An answer before there is a question would be none.
        assert!(std::io::Read::read(&mut stream, &mut [0; 1024]).unwrap() > 0);
        let refusal = b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        std::io::Write::write_all(&mut stream, refusal).unwrap();
        std::io::Read::read_to_end(&mut stream, &mut Vec::new())
    });
    let insights = "InstrumentationKey=geheim;IngestionEndpoint=http://127.0.0.1:1/";
    let (code, text) = doctor(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &format!("http://127.0.0.1:{port}")),
        ("ApplicationInsights__ConnectionString", insights),
    ]);
    drop(answering.join());
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("the collector answers 401"), "{text}");
    assert!(text.contains("ApplicationInsights__ConnectionString as the portal shows it"), "{text}");
    assert!(!text.contains("geheim"), "{text}");
}

#[test]
fn a_setting_that_is_no_value_is_named() {
    let (code, text) = doctor(&[("RateLimitPerMinute", "many")]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.to_lowercase().contains("ratelimitperminute"), "{text}");
}

#[test]
fn what_is_odd_in_production_is_said() {
    let key = "0123456789012345678901234567890123456789";
    let (code, text) =
        doctor(&[("DMS_ENVIRONMENT", "production"), ("EnableSwagger", "true"), ("Jwt__SigningKey", key)]);
    assert_eq!(code, Some(0), "{text}");
    for odd in ["description is public", "private one in the data folder", "proxy before us"] {
        assert!(text.contains(odd), "{odd}: {text}");
    }
}
