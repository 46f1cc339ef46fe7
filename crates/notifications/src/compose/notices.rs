use chrono::NaiveDate;
use domain::attendance::LeaveStatus;
use domain::business_day::format_vn_date;
use domain::display::DisplayStatus;
use domain::issue::PostKind;
use domain::{DistributorId, Role, UserId};
use jobs::Event;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{Draft, NotTo, Text, To, content, named, short, units};
use crate::kind::Kind;

const LEADERS: &[Role] = &[Role::Supervisor, Role::AreaManager, Role::RegionalManager];

/// `Notice`: what a capability wants people to be told of.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", rename_all_fields = "camelCase")]
enum Notice {
    Issue {
        issue_id: Uuid,
        subject: String,
        post_kind: PostKind,
        author_id: UserId,
        author_name: String,
        body: String,
    },
    Display {
        display_score_id: Uuid,
        customer_name: String,
        program_name: String,
        status: DisplayStatus,
        note: String,
    },
    Leave {
        leave_id: Uuid,
        full_name: String,
        status: LeaveStatus,
        first_day: NaiveDate,
        last_day: NaiveDate,
        note: String,
    },
    RouteAssigned {
        route_id: Uuid,
        route_code: String,
        valid_from: NaiveDate,
        note: String,
    },
    RouteSubstitution {
        route_id: Uuid,
        route_code: String,
        first_day: NaiveDate,
        last_day: NaiveDate,
        cancelled: bool,
        note: String,
    },
    LocationProposal {
        proposal_id: Uuid,
        customer_id: Uuid,
        customer_name: String,
        user_id: UserId,
        full_name: String,
        reason: String,
    },
    LocationDecided {
        proposal_id: Uuid,
        customer_id: Uuid,
        customer_name: String,
        approved: bool,
        note: String,
    },
    SyncCase {
        case_id: Uuid,
        user_id: UserId,
        full_name: String,
        held: bool,
        vi: String,
        en: String,
    },
    /// Of a newer version of the program beside us.
    #[serde(other)]
    Unknown,
}

/// What there is to say: a kind, what to open, title, body, data; and who isn't told.
struct Said {
    kind: Kind,
    about: Uuid,
    title: Text,
    body: Text,
    data: serde_json::Value,
    not_to: NotTo,
    collapse: Option<&'static str>,
}

pub(super) fn notice(event: &Event) -> Result<Option<Draft>, serde_json::Error> {
    let notice: Notice = content(event)?;
    let to = match &notice {
        // Units are asked as they are named, each for itself.
        Notice::Issue { .. } => {
            people(event).chain(units(event).into_iter().map(|unit| To::LeadersOf(unit, LEADERS))).collect()
        }
        Notice::LocationProposal { .. } | Notice::SyncCase { .. } => {
            let office = event.distributor_id.map(|d| To::Office(DistributorId::new(d)));
            [To::Leaders(units(event), &[Role::Supervisor, Role::AreaManager])]
                .into_iter()
                .chain(office)
                .collect()
        }
        // Either to a person, or to those above them.
        _ => {
            let people: Vec<To> = people(event).collect();
            if people.is_empty() { vec![To::Leaders(units(event), LEADERS)] } else { people }
        }
    };
    let Some(said) = say(notice) else { return Ok(None) };
    Ok(Some(Draft {
        kind: said.kind,
        about: said.about,
        title: said.title,
        body: said.body,
        data: said.data,
        collapse: said
            .collapse
            .map_or_else(|| format!("{}:{}", said.kind.as_str(), said.about), str::to_owned),
        to,
        not_to: said.not_to,
        alert: false,
    }))
}

fn people(event: &Event) -> impl Iterator<Item = To> + '_ {
    named::<UserId>(event, "user").map(To::Person)
}

fn say(notice: Notice) -> Option<Said> {
    Some(match notice {
        Notice::Issue { issue_id, subject, post_kind, author_id, author_name, body } => {
            let subject = short(&subject);
            let title = match post_kind {
                PostKind::Question => Text::new(format!("Vấn đề: {subject}"), format!("Issue: {subject}")),
                PostKind::Answer => Text::new(format!("Trả lời: {subject}"), format!("Answer: {subject}")),
                PostKind::Resolved => {
                    Text::new(format!("Đã xử lý: {subject}"), format!("Resolved: {subject}"))
                }
                PostKind::Reopened => Text::new(format!("Mở lại: {subject}"), format!("Reopened: {subject}")),
            };
            Said {
                kind: Kind::Issue,
                about: issue_id,
                title,
                body: Text::same(author_name).and(": ", ": ", &body),
                data: json!({ "issueId": issue_id, "postKind": post_kind, "authorId": author_id }),
                not_to: NotTo::Person(author_id),
                collapse: None,
            }
        }
        Notice::Display { display_score_id, customer_name, program_name, status, note } => {
            let (vi, en) = match status {
                DisplayStatus::Passed => ("đạt", "passed"),
                DisplayStatus::Failed => ("không đạt", "failed"),
                DisplayStatus::Confirming => ("đạt, chờ xác nhận", "passed, to be confirmed"),
                DisplayStatus::Waiting => ("chờ chấm", "waits for its score"),
            };
            Said {
                kind: Kind::DisplayScored,
                about: display_score_id,
                title: Text::new(
                    format!("Trưng bày {program_name}: {vi}"),
                    format!("Display {program_name}: {en}"),
                ),
                body: Text::same(customer_name).and(": ", ": ", &note),
                data: json!({ "displayScoreId": display_score_id, "status": status }),
                not_to: NotTo::Nobody,
                collapse: None,
            }
        }
        Notice::Leave { leave_id, full_name, status, first_day, last_day, note } => {
            let days = days(first_day, last_day);
            let title = match status {
                LeaveStatus::Requested => Text::new(
                    format!("{full_name} xin nghỉ {days}"),
                    format!("{full_name} asks for leave {days}"),
                ),
                LeaveStatus::Approved => {
                    Text::new(format!("Nghỉ phép {days} được duyệt"), format!("Leave {days} is approved"))
                }
                LeaveStatus::Rejected => {
                    Text::new(format!("Nghỉ phép {days} bị từ chối"), format!("Leave {days} is rejected"))
                }
                LeaveStatus::Cancelled => {
                    Text::new(format!("Nghỉ phép {days} đã hủy"), format!("Leave {days} is called off"))
                }
            };
            Said {
                kind: Kind::Leave,
                about: leave_id,
                title,
                body: Text::same(full_name).and(": ", ": ", &note),
                data: json!({ "leaveId": leave_id, "status": status }),
                not_to: NotTo::Nobody,
                collapse: None,
            }
        }
        Notice::RouteAssigned { route_id, route_code, valid_from, note } => {
            let day = format_vn_date(valid_from);
            Said {
                kind: Kind::Route,
                about: route_id,
                title: Text::new(
                    format!("Bạn phụ trách tuyến {route_code} từ {day}"),
                    format!("Route {route_code} is yours from {day}"),
                ),
                body: Text::default().and("", "", &note),
                data: json!({ "routeId": route_id }),
                not_to: NotTo::Nobody,
                collapse: None,
            }
        }
        Notice::RouteSubstitution { route_id, route_code, first_day, last_day, cancelled, note } => {
            let days = days(first_day, last_day);
            let title = if cancelled {
                Text::new(
                    format!("Bạn không còn đi thay tuyến {route_code} {days}"),
                    format!("You no longer stand in on route {route_code} {days}"),
                )
            } else {
                Text::new(
                    format!("Bạn đi thay tuyến {route_code} {days}"),
                    format!("You stand in on route {route_code} {days}"),
                )
            };
            Said {
                kind: Kind::Route,
                about: route_id,
                title,
                body: Text::default().and("", "", &note),
                data: json!({ "routeId": route_id, "cancelled": cancelled }),
                not_to: NotTo::Nobody,
                collapse: None,
            }
        }
        Notice::LocationProposal { proposal_id, customer_id, customer_name, user_id, full_name, reason } => {
            Said {
                kind: Kind::LocationProposal,
                about: proposal_id,
                title: Text::new(
                    format!("Đề nghị đổi vị trí: {customer_name}"),
                    format!("New location proposed: {customer_name}"),
                ),
                body: Text::same(full_name).and(": ", ": ", &reason),
                data: json!({ "proposalId": proposal_id, "customerId": customer_id }),
                not_to: NotTo::Person(user_id),
                collapse: None,
            }
        }
        Notice::LocationDecided { proposal_id, customer_id, customer_name, approved, note } => {
            let title = if approved {
                Text::new(
                    format!("Vị trí mới của {customer_name} được duyệt"),
                    format!("The new location of {customer_name} is approved"),
                )
            } else {
                Text::new(
                    format!("Vị trí mới của {customer_name} bị từ chối"),
                    format!("The new location of {customer_name} is rejected"),
                )
            };
            Said {
                kind: Kind::LocationDecided,
                about: proposal_id,
                title,
                body: Text::default().and("", "", &note),
                data: json!({ "proposalId": proposal_id, "customerId": customer_id }),
                not_to: NotTo::Nobody,
                collapse: None,
            }
        }
        Notice::SyncCase { case_id, user_id, full_name, held, vi, en } => Said {
            kind: Kind::SyncCase,
            about: case_id,
            title: if held {
                Text::new(
                    format!("Cần xử lý: dữ liệu của {full_name}"),
                    format!("To settle: a record of {full_name}"),
                )
            } else {
                Text::new(
                    format!("Cần xem: dữ liệu của {full_name}"),
                    format!("To look at: a record of {full_name}"),
                )
            },
            body: Text::new(short(&vi), short(&en)),
            data: json!({ "caseId": case_id, "userId": user_id, "held": held }),
            not_to: NotTo::Person(user_id),
            // A phone that was away for a day may bring dozens.
            collapse: Some("sync_case"),
        },
        Notice::Unknown => return None,
    })
}

fn days(first: NaiveDate, last: NaiveDate) -> String {
    let first_day = format_vn_date(first);
    if first == last { first_day } else { format!("{first_day}–{}", format_vn_date(last)) }
}

#[cfg(test)]
mod tests {
    use super::super::compose;
    use super::super::tests::{event, group};
    use super::*;

    fn draft(audience: &[String], payload: serde_json::Value) -> Draft {
        compose(&event("Notice", audience, payload)).unwrap().unwrap()
    }

    #[test]
    fn an_answer_goes_to_all_in_the_thread_but_its_author() {
        let payload = json!({
            "kind": "issue", "issueId": Uuid::from_u128(1), "customerId": null, "subject": "Kệ hỏng",
            "state": "answered", "postKind": "answer", "authorId": Uuid::from_u128(5), "authorName": "Giám sát",
            "body": "Mai sửa", "at": "2026-08-06T02:00:00Z",
        });
        let draft = draft(&[group("user", 3), group("team", 4)], payload);
        assert_eq!(draft.title.vi, "Trả lời: Kệ hỏng");
        assert_eq!(draft.body.vi, "Giám sát: Mai sửa");
        assert_eq!(
            draft.to,
            [To::Person(UserId::new(Uuid::from_u128(3))), To::LeadersOf(Uuid::from_u128(4), LEADERS)]
        );
        assert_eq!(draft.not_to, NotTo::Person(UserId::new(Uuid::from_u128(5))));
    }

    #[test]
    fn a_leave_that_is_asked_for_goes_up_and_what_is_decided_comes_back() {
        let leave = |status: &str| {
            json!({
                "kind": "leave", "leaveId": Uuid::from_u128(1), "userId": Uuid::from_u128(3), "fullName": "Minh",
                "status": status, "firstDay": "2026-08-10", "lastDay": "2026-08-11", "note": "",
            })
        };
        let asked = draft(&[group("distributor", 9), group("team", 4)], leave("requested"));
        assert_eq!(asked.to, [To::Leaders(vec![Uuid::from_u128(4)], LEADERS)]);
        assert_eq!(asked.title.vi, "Minh xin nghỉ 10/08/2026–11/08/2026");
        let decided = draft(&[group("distributor", 9), group("user", 3)], leave("approved"));
        assert_eq!(decided.to, [To::Person(UserId::new(Uuid::from_u128(3)))]);
    }

    #[test]
    fn a_notice_of_a_newer_version_is_passed_over() {
        let unknown = compose(&event("Notice", &[], json!({ "kind": "moon", "phase": 3 }))).unwrap();
        assert_eq!(unknown, None);
    }
}
