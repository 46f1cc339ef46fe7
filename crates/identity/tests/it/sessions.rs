use chrono::Duration;
use db::Tenants;
use serde_json::{Value, json};
use test_kit::{Answer, TestApp, world};

use crate::support::{audited, log_in, start, text};

const ME: &str = "/api/v1/auth/me";

async fn refresh(t: &TestApp, answer: &Value, device: Option<&str>) -> Answer {
    let body = json!({"refreshToken": text(answer, "refreshToken"), "deviceId": device});
    t.anonymous().post("/api/v1/auth/refresh", body).await
}

fn access<'a>(t: &'a TestApp, answer: &Value) -> test_kit::Actor<'a> {
    t.actor(text(answer, "accessToken"))
}

#[tokio::test]
async fn an_access_token_is_good_for_fifteen_minutes() {
    let t = start(&["nvbh01"]).await;
    let login = log_in(&t, "nvbh01", None).await;
    t.clock.advance(Duration::seconds(899));
    access(&t, &login).get(ME).await.expect(200);
    t.clock.advance(Duration::seconds(1));
    access(&t, &login).get(ME).await.problem(401, "unauthorized");
}

#[tokio::test]
async fn a_forged_token_is_refused() {
    let t = start(&["nvbh01"]).await;
    let login = log_in(&t, "nvbh01", None).await;
    let token = text(&login, "accessToken");
    let (head, signature) = token.rsplit_once('.').unwrap();
    let header_none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0"; // {"alg":"none","typ":"JWT"}
    let claims = token.split('.').nth(1).unwrap();
    for forged in [
        format!("{head}."),
        format!("{header_none}.{claims}."),
        format!("{header_none}.{claims}.{signature}"),
        format!("{head}.{}", signature.chars().rev().collect::<String>()),
        "nvbh01".to_owned(),
    ] {
        t.actor(&forged).get(ME).await.problem(401, "unauthorized");
    }
    t.anonymous().get(ME).await.problem(401, "unauthorized");
    access(&t, &login).get(ME).await.expect(200);
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_the_session_goes_on() {
    let t = start(&["nvbh01"]).await;
    let first = log_in(&t, "nvbh01", None).await;
    t.clock.advance(Duration::minutes(14));
    let second = refresh(&t, &first, None).await.expect(200);
    assert_ne!(first["refreshToken"], second["refreshToken"]);
    assert_eq!(first["user"], second["user"]);
    t.clock.advance(Duration::minutes(14));
    access(&t, &second).get(ME).await.expect(200);
    refresh(&t, &second, None).await.expect(200);
}

#[tokio::test]
async fn a_refresh_token_that_comes_again_ends_the_whole_session() {
    let t = start(&["nvbh01"]).await;
    let first = log_in(&t, "nvbh01", None).await;
    let second = refresh(&t, &first, None).await.expect(200);
    access(&t, &second).get(ME).await.expect(200);
    refresh(&t, &first, None).await.problem(401, "auth.refresh_reused");
    access(&t, &second).get(ME).await.problem(401, "unauthorized");
    refresh(&t, &second, None).await.problem(401, "unauthorized");
    assert!(audited(&t).await.contains(&("auth.refresh_reused".to_owned(), "nvbh01".to_owned())));
}

#[tokio::test]
async fn a_lost_answer_can_be_asked_for_again_by_the_same_device() {
    let t = start(&["nvbh01"]).await;
    let first = log_in(&t, "nvbh01", Some("field-1")).await;
    let lost = refresh(&t, &first, Some("field-1")).await.expect(200);
    t.clock.advance(Duration::seconds(10));
    let also_lost = refresh(&t, &first, Some("field-1")).await.expect(200);
    let arrived = refresh(&t, &first, Some("field-1")).await.expect(200);
    access(&t, &arrived).get(ME).await.expect(200);
    let next = refresh(&t, &arrived, Some("field-1")).await.expect(200);
    // Whoever comes with one of the lost ones has them from elsewhere.
    refresh(&t, &also_lost, Some("field-1")).await.problem(401, "auth.refresh_reused");
    refresh(&t, &next, Some("field-1")).await.problem(401, "unauthorized");
    refresh(&t, &lost, Some("field-1")).await.problem(401, "unauthorized");
}

#[tokio::test]
async fn a_repeat_is_no_lost_answer_from_another_device_or_after_its_successor_was_used() {
    let t = start(&["nvbh01"]).await;
    let first = log_in(&t, "nvbh01", Some("field-1")).await;
    refresh(&t, &first, Some("field-1")).await.expect(200);
    refresh(&t, &first, Some("field-2")).await.problem(401, "auth.refresh_reused");

    let first = log_in(&t, "nvbh01", Some("field-1")).await;
    let second = refresh(&t, &first, Some("field-1")).await.expect(200);
    let third = refresh(&t, &second, Some("field-1")).await.expect(200);
    refresh(&t, &first, Some("field-1")).await.problem(401, "auth.refresh_reused");
    access(&t, &third).get(ME).await.problem(401, "unauthorized");
}

#[tokio::test]
async fn two_requests_with_one_refresh_token_at_once_are_a_reuse_without_a_device() {
    let t = start(&["nvbh01"]).await;
    let first = log_in(&t, "nvbh01", None).await;
    let (a, b) = tokio::join!(refresh(&t, &first, None), refresh(&t, &first, None));
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
}

#[tokio::test]
async fn a_refresh_token_ends_after_seven_days_and_nonsense_is_refused() {
    let t = start(&["nvbh01"]).await;
    let first = log_in(&t, "nvbh01", Some("field-1")).await;
    t.clock.advance(Duration::days(7));
    refresh(&t, &first, Some("field-1")).await.problem(401, "unauthorized");
    for nonsense in ["", "abc", &"A".repeat(43), &"A".repeat(5000)] {
        let body = json!({"refreshToken": nonsense});
        t.anonymous().post("/api/v1/auth/refresh", body).await.problem(401, "unauthorized");
    }
    t.anonymous().post("/api/v1/auth/refresh", json!({})).await.problem(400, "validation");
}

#[tokio::test]
async fn a_browser_s_session_ends_after_half_an_hour_of_idleness_but_the_phone_s_does_not() {
    let t = start(&["nvbh01"]).await;
    let browser = log_in(&t, "nvbh01", Some("chrome-1")).await;
    let phone = log_in(&t, "nvbh01", Some("field-1")).await;
    t.clock.advance(Duration::minutes(30));
    refresh(&t, &browser, Some("chrome-1")).await.problem(401, "unauthorized");
    refresh(&t, &phone, Some("field-1")).await.expect(200);
}

#[tokio::test]
async fn each_request_keeps_a_browser_s_session_awake() {
    let t = start(&["nvbh01"]).await;
    let mut answer = log_in(&t, "nvbh01", None).await;
    for _ in 0..6 {
        t.clock.advance(Duration::minutes(14));
        access(&t, &answer).get(ME).await.expect(200);
        t.clock.advance(Duration::minutes(14));
        answer = refresh(&t, &answer, None).await.expect(200);
    }
}

#[tokio::test]
async fn logging_out_ends_the_session_at_once_and_twice_is_no_error() {
    let t = start(&["nvbh01"]).await;
    let login = log_in(&t, "nvbh01", None).await;
    access(&t, &login).get(ME).await.expect(200);
    let body = json!({"refreshToken": login["refreshToken"]});
    access(&t, &login).post("/api/v1/auth/logout", body.clone()).await.expect(204);
    access(&t, &login).get(ME).await.problem(401, "unauthorized");
    refresh(&t, &login, None).await.problem(401, "unauthorized");
    t.anonymous().post("/api/v1/auth/logout", body).await.expect(204);
    assert_eq!(audited(&t).await.iter().filter(|(action, _)| action == "auth.logout").count(), 1);
}

#[tokio::test]
async fn either_token_alone_logs_out_and_none_does_not() {
    let t = start(&["nvbh01"]).await;
    let by_access = log_in(&t, "nvbh01", None).await;
    access(&t, &by_access).post("/api/v1/auth/logout", json!({})).await.expect(204);
    access(&t, &by_access).get(ME).await.problem(401, "unauthorized");
    let by_refresh = log_in(&t, "nvbh01", None).await;
    t.clock.advance(Duration::minutes(20));
    let body = json!({"refreshToken": by_refresh["refreshToken"]});
    access(&t, &by_refresh).post("/api/v1/auth/logout", body).await.expect(204);
    refresh(&t, &by_refresh, None).await.problem(401, "unauthorized");
    t.anonymous().post("/api/v1/auth/logout", json!({})).await.problem(401, "unauthorized");
}

#[tokio::test]
async fn a_session_s_identity_says_role_units_and_distributors() {
    let names = ["admin", "npp01", "gsbh01", "asm01", "nvbh11"];
    let t = start(&names).await;
    for name in names {
        let login = log_in(&t, name, None).await;
        let known = t.app.auth.authenticate(text(&login, "accessToken")).await.unwrap();
        let person = world::PEOPLE.iter().find(|p| p.username == name).unwrap();
        assert_eq!(known.role, person.role);
        assert_eq!(known.distributor_id, person.distributor);
        assert_eq!(known.units, person.units, "{name}");
        assert_eq!(known.primary_unit, person.units.first().copied());
        let tenants = match person.tenants {
            [] => Tenants::Company,
            some => Tenants::Distributors(some.to_vec()),
        };
        assert_eq!(known.tenants, tenants, "{name}");
    }
}

#[tokio::test]
async fn a_manager_below_a_distributor_s_unit_sees_that_distributor() {
    let t = start(&["asm01"]).await;
    let mut c = t.database.owner().await;
    for sql in [
        "update org_units set distributor_id = null where kind = 'team'",
        "update user_units set unit_id = (select id from org_units where name = 'Tổ 2')
         where user_id = (select id from users where username = 'asm01')",
    ] {
        sqlx::query(sql).execute(&mut c).await.unwrap();
    }
    let login = log_in(&t, "asm01", None).await;
    let known = t.app.auth.authenticate(text(&login, "accessToken")).await.unwrap();
    assert_eq!(known.tenants, Tenants::Distributors(vec![world::NPP02]));
    assert_eq!(known.units, [world::TEAM2]);
}
