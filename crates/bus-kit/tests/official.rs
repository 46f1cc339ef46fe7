//! The emulator is one that Microsoft's own client takes for Service Bus.

use std::path::Path;

use bus_kit::ServiceBus;
use tokio::process::Command;

#[tokio::test]
async fn microsofts_client_accepts_the_emulator() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/official");
    let python = folder.join(".venv/bin/python");
    assert!(python.exists(), "Microsoft's client is not installed: run `scripts/setup test`");
    let bus = ServiceBus::start(&["orders"], &[("events", &["a", "b"])]).await;
    let output = Command::new(python)
        .arg(folder.join("check.py"))
        .arg(bus.connection_string())
        .output()
        .await
        .unwrap();
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("accepted"), "{said}");
    for place in ["orders", "orders/$deadletterqueue", "events/subscriptions/a", "events/subscriptions/b"] {
        assert_eq!(bus.waiting(place), 0, "{place}");
    }
}
