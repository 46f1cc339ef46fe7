use db::Context;
use jobs::{Consumer as _, Failure};
use notifications::Teller;
use notifications::sender::Bell;
use serde_json::{Value, json};
use test_kit::minutes;
use test_kit::world::{AREA, AREA_MANAGER, MAIN1, NPP01, REP1, REP2, SHOP1, SUPERVISOR, TEAM1, TEAM2, UNIT2};
use uuid::Uuid;

use crate::support::{
    PATH, above_team1, app, decided_order, event, inbox, sql, tell, tell_all, texts, titles, waiting_order,
};

#[tokio::test]
async fn an_order_that_waits_is_told_to_its_approvers_once() {
    let t = app().await;
    let event = waiting_order();
    tell(&t.app, &event).await;
    tell(&t.app, &event).await;
    assert_eq!(titles(&t.supervisor()).await, ["Order DH-20260806-0001 waits for approval"]);
    assert_eq!(titles(&t.npp01()).await.len(), 1);
    for nobody in [t.rep1(), t.rep2(), t.area_manager(), t.npp02(), t.admin()] {
        assert!(inbox(&nobody).await.is_empty());
    }
    let heard = &inbox(&t.supervisor()).await[0];
    assert_eq!(heard["kind"], "order_waiting");
    assert_eq!(heard["body"], "Minh for Tạp hóa Lan: 1.250.000 ₫");
    assert_eq!(heard["aboutId"], event.payload["orderId"]);
}

#[tokio::test]
async fn screens_that_are_open_hear_of_it_in_their_users_language() {
    let t = app().await;
    let english = json!({ "language": "en", "quietHours": null });
    t.supervisor().put(&format!("{PATH}/preferences"), english).await.expect(200);
    tell(&t.app, &waiting_order()).await;
    let heard: Vec<(Vec<String>, Value)> = sqlx::query_as(
        "select audience, payload from outbox where kind = 'NotificationReceived' order by payload->>'title'",
    )
    .fetch_all(&mut t.database.owner().await)
    .await
    .unwrap();
    assert_eq!(heard.len(), 2);
    let (office, supervisor) = (&heard[1], &heard[0]);
    assert_eq!(supervisor.0, [format!("user:{SUPERVISOR}")]);
    assert_eq!(supervisor.1["title"], "Order DH-20260806-0001 waits for approval");
    assert_eq!(office.1["title"], "Đơn DH-20260806-0001 chờ duyệt");
    let id = inbox(&t.supervisor()).await[0]["notificationId"].clone();
    assert_eq!(supervisor.1["notificationId"], id);
}

async fn order(t: &test_kit::TestApp, decided_by: domain::UserId) -> Uuid {
    let id = Uuid::now_v7();
    sql(
        t,
        &format!(
            "insert into orders (distributor_id, id, number, order_type, status, customer_id, rep_id, warehouse_id, ordered_at,
               business_date, gross, product_discount, order_discount, vat, total, created_by, created_at, updated_at, decided_by)
             values ('{NPP01}', '{id}', '{id}', 'PreSales', 'Approved', '{SHOP1}', '{REP1}', '{MAIN1}', now(), '2026-08-06',
               1000, 0, 0, 80, 1080, '{REP1}', now(), now(), '{decided_by}')"
        ),
    )
    .await;
    id
}

#[tokio::test]
async fn a_rep_hears_what_became_of_their_order_unless_it_was_their_own_doing() {
    let t = app().await;
    tell(&t.app, &decided_order(order(&t, SUPERVISOR).await, "Rejected")).await;
    tell(&t.app, &decided_order(order(&t, REP1).await, "Cancelled")).await;
    tell(&t.app, &decided_order(order(&t, SUPERVISOR).await, "Invoiced")).await;
    assert_eq!(titles(&t.rep1()).await, ["Order DH-20260806-0001 is rejected"]);
    assert_eq!(inbox(&t.rep1()).await[0]["body"], "Tạp hóa Lan. Reason: Vượt hạn mức");
    assert!(inbox(&t.rep2()).await.is_empty());
}

#[tokio::test]
async fn those_who_lead_the_unit_are_told_the_nearest_first() {
    let t = app().await;
    let leave = |unit: &str, units: Vec<String>| {
        let payload = json!({
            "kind": "leave", "leaveId": Uuid::now_v7(), "userId": REP1, "fullName": unit, "status": "requested",
            "firstDay": "2026-08-10", "lastDay": "2026-08-10", "note": "Cưới em gái",
        });
        event("Notice", &units, payload)
    };
    let groups = |units: &[domain::OrgUnitId]| units.iter().map(|unit| format!("team:{unit}")).collect();
    tell(&t.app, &leave("Minh", above_team1())).await;
    // Nobody leads the second team but the area manager above it.
    tell(&t.app, &leave("Hoa", groups(&[TEAM2, UNIT2, AREA]))).await;
    assert_eq!(titles(&t.supervisor()).await, ["Minh asks for leave 10/08/2026"]);
    assert_eq!(titles(&t.area_manager()).await, ["Hoa asks for leave 10/08/2026"]);
    assert_eq!(inbox(&t.supervisor()).await[0]["body"], "Minh: Cưới em gái");
    // By its own name, a unit is asked with those above it.
    let issue = json!({
        "kind": "issue", "issueId": Uuid::now_v7(), "customerId": null, "subject": "Kệ hỏng", "state": "open",
        "postKind": "question", "authorId": SUPERVISOR, "authorName": "Giám sát 1", "body": "Xem giúp",
        "at": "2026-08-06T02:00:00Z",
    });
    let asked: Vec<String> = vec![format!("team:{TEAM2}"), format!("team:{TEAM1}"), format!("user:{REP2}")];
    tell(&t.app, &event("Notice", &asked, issue)).await;
    assert_eq!(titles(&t.rep2()).await, ["Issue: Kệ hỏng"]);
    assert_eq!(titles(&t.area_manager()).await.len(), 2);
    assert_eq!(titles(&t.supervisor()).await.len(), 1, "who writes isn't told");
}

#[tokio::test]
async fn an_alert_goes_to_the_office_and_to_the_screens_of_those_who_watch() {
    let t = app().await;
    let item = json!({ "productName": "Sữa tươi", "onHand": 3 });
    let payload =
        json!({ "distributorId": NPP01, "businessDate": "2026-08-06", "count": 1, "items": [item] });
    tell(&t.app, &event("LowStock", &[format!("distributor:{NPP01}")], payload)).await;
    assert_eq!(titles(&t.npp01()).await, ["1 products are low in stock"]);
    assert!(inbox(&t.npp02()).await.is_empty());
    let told = texts(&t, "select payload->>'title' from outbox where kind = 'AlertReceived'").await;
    assert_eq!(told, ["1 mặt hàng sắp hết"]);
}

#[tokio::test]
async fn who_left_is_not_told() {
    let t = app().await;
    sql(&t, &format!("update users set status = 'inactive' where id = '{SUPERVISOR}'")).await;
    tell(&t.app, &waiting_order()).await;
    assert_eq!(titles(&t.npp01()).await.len(), 1);
    // The next who leads.
    assert_eq!(texts(&t, "select user_id::text from notifications order by 1").await.len(), 1 + 1);
    let told = texts(&t, "select user_id::text from notifications").await;
    assert!(told.contains(&AREA_MANAGER.to_string()) && !told.contains(&SUPERVISOR.to_string()));
}

#[tokio::test]
async fn many_events_at_once_are_told_as_one_after_the_other() {
    let t = app().await;
    let (ours, theirs) = (order(&t, SUPERVISOR).await, order(&t, REP1).await);
    let mut events = Vec::new();
    for _ in 0..40 {
        events.push(waiting_order());
        events.push(decided_order(ours, "Approved"));
        // Their own doing: nobody is told.
        events.push(decided_order(theirs, "Cancelled"));
    }
    let item = json!({ "productName": "Sữa tươi", "onHand": 3 });
    let low = json!({ "distributorId": NPP01, "businessDate": "2026-08-06", "count": 1, "items": [item] });
    events.push(event("LowStock", &[format!("distributor:{NPP01}")], low));
    events.push(events[0].clone());
    let all = "select user_id || ' ' || event_id || ' ' || kind || ' ' || title_en || ' ' || body_vi || ' ' || coalesce(data::text, '')
               from notifications order by 1";
    let shown = "select kind || audience::text || (payload - 'notificationId' - 'createdAt')::text from outbox order by 1";
    tell_all(&t.app, &events).await;
    let at_once = (texts(&t, all).await, texts(&t, shown).await);
    sql(&t, "delete from notifications; delete from outbox").await;
    for event in &events[..events.len() - 1] {
        tell(&t.app, event).await;
    }
    assert_eq!(at_once, (texts(&t, all).await, texts(&t, shown).await));
    // Two for each that waits, one for each that is decided, one for the office.
    assert_eq!(at_once.0.len(), 40 * 2 + 40 + 1);
    // The inbox is in the order of the events.
    sql(&t, "delete from notifications; delete from outbox").await;
    tell_all(&t.app, &events).await;
    let order = format!("select event_id::text from notifications where user_id = '{REP1}' order by id");
    let expected: Vec<String> =
        events.iter().filter(|e| e.payload["status"] == "Approved").map(|e| e.id.to_string()).collect();
    assert_eq!(texts(&t, &order).await, expected);
}

#[tokio::test]
async fn an_event_that_is_not_what_its_name_says_is_put_aside() {
    let t = app().await;
    let mut tx = t.app.db.begin(&Context::system("test")).await.unwrap();
    let broken = event("OrderCreated", &[], json!({ "orderId": 7 }));
    let failure = Teller::new(t.app.clone(), Bell::default()).handle(&mut tx, &broken).await.unwrap_err();
    assert!(matches!(failure, Failure::Never(_)), "{failure:?}");
}

#[tokio::test]
async fn reading_counts_down_and_stays() {
    let t = app().await;
    for _ in 0..3 {
        tell(&t.app, &waiting_order()).await;
    }
    let rep = t.supervisor();
    let first = rep.get(&format!("{PATH}?limit=2")).await.expect(200);
    assert_eq!((&first["unreadCount"], first["data"].as_array().unwrap().len()), (&json!(3), 2));
    let rest = rep
        .get(&format!("{PATH}?limit=2&cursor={}", first["nextCursor"].as_str().unwrap()))
        .await
        .expect(200);
    assert_eq!((&rest["nextCursor"], rest["data"].as_array().unwrap().len()), (&Value::Null, 1));

    let oldest = rest["data"][0]["notificationId"].as_str().unwrap();
    let path = format!("{PATH}/{oldest}/read");
    let read = rep.post(&path, json!({})).await.expect(200);
    assert!(read["readAt"].is_string());
    t.clock.set(minutes(5));
    assert_eq!(rep.post(&path, json!({})).await.expect(200), read, "the first time counts");
    assert_eq!(
        rep.get(&format!("{PATH}?unread=true")).await.expect(200)["data"].as_array().unwrap().len(),
        2
    );

    let up_to = json!({ "upTo": first["data"][1]["notificationId"] });
    let marked = rep.post(&format!("{PATH}/read-all"), up_to).await.expect(200);
    assert_eq!(marked, json!({ "marked": 1, "unreadCount": 1 }));
    let all = rep.post(&format!("{PATH}/read-all"), json!({})).await.expect(200);
    assert_eq!(all, json!({ "marked": 1, "unreadCount": 0 }));
}

#[tokio::test]
async fn an_inbox_is_its_owners_alone() {
    let t = app().await;
    tell(&t.app, &waiting_order()).await;
    let id = inbox(&t.supervisor()).await[0]["notificationId"].as_str().unwrap().to_owned();
    let shown = t.supervisor().get(&format!("{PATH}/{id}")).await.expect(200);
    assert_eq!(shown["deliveries"], json!([]));
    // Not even the company's admin, who sees all distributors.
    for other in [t.rep1(), t.npp01(), t.npp02(), t.admin()] {
        other.get(&format!("{PATH}/{id}")).await.problem(404, "not_found");
        other.post(&format!("{PATH}/{id}/read"), json!({})).await.problem(404, "not_found");
    }
    t.admin().post(&format!("{PATH}/read-all"), json!({})).await.expect(200);
    assert_eq!(t.supervisor().get(PATH).await.expect(200)["unreadCount"], 1);
    t.anonymous().get(PATH).await.problem(401, "unauthorized");
    t.supervisor().get(&format!("{PATH}?cursor=x")).await.problem(400, "validation");
    t.supervisor().get(&format!("{PATH}?limit=0")).await.problem(400, "validation");
}

#[tokio::test]
async fn the_database_itself_keeps_inboxes_apart() {
    let t = app().await;
    tell(&t.app, &waiting_order()).await;
    let mut tx = t.app.db.begin(&t.context("nvbh01")).await.unwrap();
    let seen: i64 =
        sqlx::query_scalar("select count(*) from notifications").fetch_one(&mut *tx).await.unwrap();
    assert_eq!(seen, 0);
    let told = sqlx::query("insert into notifications (user_id, id, event_id, kind, title_vi, title_en, body_vi, body_en, in_app, created_at) values ($1, $1, $1, 'issue', '', '', '', '', true, now())")
        .bind(REP1.uuid())
        .execute(&mut *tx)
        .await
        .unwrap_err();
    assert_eq!(told.as_database_error().and_then(|e| e.code()).as_deref(), Some("42501"));
    drop(tx);
    let mut tx = t.app.db.begin(&t.context("gsbh01")).await.unwrap();
    let seen: i64 =
        sqlx::query_scalar("select count(*) from notifications").fetch_one(&mut *tx).await.unwrap();
    assert_eq!(seen, 1);
    let forged = sqlx::query("update notifications set title_vi = 'x'").execute(&mut *tx).await.unwrap_err();
    assert_eq!(forged.as_database_error().and_then(|e| e.code()).as_deref(), Some("42501"));
}

#[tokio::test]
async fn what_is_old_is_swept_away() {
    let t = app().await;
    tell(&t.app, &waiting_order()).await;
    t.clock.set(minutes(60 * 24 * 89));
    assert_eq!(notifications::sweep(&t.app).await.unwrap(), 0);
    t.clock.set(minutes(60 * 24 * 91));
    assert_eq!(notifications::sweep(&t.app).await.unwrap(), 2);
    assert!(inbox(&t.supervisor()).await.is_empty());
}
