//! What an operator asks on the command line.

use live_kit::Server;

fn said(server: &Server, arguments: &[&str]) -> (bool, String) {
    let output = server.command(arguments);
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

#[tokio::test]
async fn jobs_are_listed_and_run_and_dead_letters_listed_from_the_command_line() {
    let mut server = Server::start(env!("CARGO_BIN_EXE_dms")).await;
    server.stop();
    let (well, text) = said(&server, &["jobs", "list"]);
    assert!(well, "{text}");
    for job in worker::jobs() {
        assert!(text.contains(&format!("{:<18} {}", job.name, job.schedule)), "{} in {text}", job.name);
    }
    let (well, text) = said(&server, &["jobs", "run", "stock-alerts"]);
    assert!(well && text.contains("products low"), "{text}");
    let (well, text) = said(&server, &["jobs", "run", "everything"]);
    assert!(!well && text.contains("stock-alerts"), "{text}");
    let (well, text) = said(&server, &["jobs", "list"]);
    assert!(well && text.contains("done "), "{text}");

    let (well, text) = said(&server, &["dead-letters", "list"]);
    assert!(well && text.is_empty(), "{text}");
    let (well, text) = said(&server, &["dead-letters", "replay", "--all"]);
    assert!(well && text.starts_with("0 wait"), "{text}");
    let (well, text) = said(&server, &["dead-letters", "drop", "01a204f1-d395-7173-9090-748e9651d7d7"]);
    assert!(!well && text.contains("no such dead letter"), "{text}");
    let (well, text) = said(&server, &["dead-letters", "drop"]);
    assert!(!well && text.contains("Usage"), "{text}");
}
