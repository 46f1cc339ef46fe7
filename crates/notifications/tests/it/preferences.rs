use serde_json::{Value, json};
use test_kit::world::SUPERVISOR;

use crate::support::{PATH, app, deliveries, inbox, register, sql, tell, texts, waiting_order, with_ways};

fn of<'a>(preferences: &'a Value, kind: &str) -> &'a Value {
    preferences["kinds"].as_array().unwrap().iter().find(|k| k["kind"] == kind).unwrap()
}

fn path() -> String {
    format!("{PATH}/preferences")
}

#[tokio::test]
async fn who_chose_nothing_gets_what_is_usual_and_hears_which_ways_are_off() {
    let t = app().await;
    let preferences = t.supervisor().get(&path()).await.expect(200);
    assert_eq!((&preferences["language"], &preferences["quietHours"]), (&json!("vi"), &Value::Null));
    let waiting = json!({ "kind": "order_waiting", "name": "Order waits for approval", "inApp": true, "push": true, "sms": false });
    assert_eq!(of(&preferences, "order_waiting"), &waiting);
    let off = json!({ "channel": "push", "available": false, "reason": "Not set up on this system" });
    assert_eq!(preferences["channels"][1], off);
    assert_eq!(preferences["channels"][0]["available"], true);
    // Nobody chooses about what never comes to them.
    let rep = t.rep1().get(&path()).await.expect(200);
    assert!(!rep["kinds"].as_array().unwrap().iter().any(|k| k["kind"] == "order_waiting"));
}

#[tokio::test]
async fn choices_are_kept_and_those_not_named_stay() {
    let t = app().await;
    let choose = json!({
        "language": "en",
        "quietHours": { "from": "21:00", "to": "06:00", "mode": "drop" },
        "kinds": { "order_waiting": { "inApp": true, "push": false, "sms": true } },
    });
    let set = t.supervisor().put(&path(), choose).await.expect(200);
    assert_eq!(t.supervisor().get(&path()).await.expect(200), set);
    assert_eq!(set["quietHours"], json!({ "from": "21:00", "to": "06:00", "mode": "drop" }));
    assert_eq!(of(&set, "order_waiting")["push"], false);
    let other = json!({ "language": "vi", "quietHours": null, "kinds": { "issue": { "inApp": true, "push": false, "sms": false } } });
    let set = t.supervisor().put(&path(), other).await.expect(200);
    assert_eq!((&set["quietHours"], &of(&set, "order_waiting")["sms"]), (&Value::Null, &json!(true)));
    // What is usual isn't written down: it may change with the program.
    let usual = json!({ "inApp": true, "push": true, "sms": false });
    let back =
        json!({ "language": "vi", "quietHours": null, "kinds": { "order_waiting": usual, "issue": usual } });
    t.supervisor().put(&path(), back).await.expect(200);
    assert!(texts(&t, "select kind from notification_choices").await.is_empty());
}

#[tokio::test]
async fn wrong_preferences_are_named() {
    let t = app().await;
    let quiet = |from: &str, to: &str, mode: &str| json!({ "language": "vi", "quietHours": { "from": from, "to": to, "mode": mode } });
    for (body, field) in [
        (json!({ "language": "fr", "quietHours": null }), "language"),
        (quiet("25:00", "06:00", "wait"), "quietHours.from"),
        (quiet("21:00", "6", "wait"), "quietHours.to"),
        (quiet("21:00", "21:00", "wait"), "quietHours.to"),
        (quiet("21:00", "06:00", "shout"), "quietHours.mode"),
        (
            json!({ "language": "vi", "quietHours": null, "kinds": { "moon": { "inApp": true, "push": true, "sms": true } } }),
            "kinds.moon",
        ),
    ] {
        let problem = t.rep1().put(&path(), body).await.problem(400, "validation");
        assert!(problem["errors"][field].is_array(), "{field}: {problem}");
    }
}

#[tokio::test]
async fn people_are_told_as_they_chose() {
    let t = app().await;
    let ways = with_ways(&t);
    register(&t.supervisor(), "token-1").await;
    sql(&t, &format!("update users set phone = '0901234567' where id = '{SUPERVISOR}'")).await;
    let choose = async |in_app: bool, push: bool, sms: bool| {
        let kinds = json!({ "order_waiting": { "inApp": in_app, "push": push, "sms": sms } });
        let body = json!({ "language": "vi", "quietHours": null, "kinds": kinds });
        t.supervisor().put(&path(), body).await.expect(200);
        tell(&ways, &waiting_order()).await;
        let channels = texts(&t, "select channel from notification_deliveries order by channel").await;
        sql(&t, "delete from notification_deliveries").await;
        channels
    };
    assert_eq!(choose(true, true, false).await, ["push"]);
    assert_eq!(choose(true, false, true).await, ["sms"]);
    assert!(choose(true, false, false).await.is_empty());
    assert_eq!(inbox(&t.supervisor()).await.len(), 3);
    // Only on the phone: nothing in the inbox, nothing to count.
    assert_eq!(choose(false, true, false).await, ["push"]);
    assert_eq!(t.supervisor().get(PATH).await.expect(200)["unreadCount"], 3);
    // Where a way isn't set up, nothing waits for it.
    tell(&t.app, &waiting_order()).await;
    assert!(deliveries(&t).await.is_empty());
}
