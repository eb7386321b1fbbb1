#!/usr/bin/env python3
"""Judges from an export of the audit log alone whether everything that was applied had been approved.

    check-approvals.py --people FILE BUNDLE...

Written from docs/audit-log.md; it shares no code with the service and asks none of its gates. Whether the export is
what was signed, verify-bundle.py says. FILE is a JSON list of people, each with id, gitlabIds, jiraAccounts and emails:
who is one person, by your own directory. What roles and groups they had at the time, the log says.

Prints "<bundle>: entry <index>: <rule>: <what was found>" for each violation and "<bundle>: <n> applies, <m> violations";
exits with 0 when there is none, 1 when there is one, 3 for wrong use.
"""
import hashlib
import json
import os
import sys
from datetime import datetime, timedelta

# How long gates may have answered before the claim: 30 s by the rule, and what a busy machine takes to write it down.
GATES_VALID = timedelta(seconds=60)
ELEMENTS = {  # as a gate names what it compared: the member of the approved element
    "policy": "policyHash",
    "configuration": "configurationHash",
    "inputs": "inputsId",
    "terraform version": "terraformVersion",
}


def tuple_hash(value):  # RFC 8785; there are neither fractions nor names beyond ASCII in it
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def time_of(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def element_of(project, plan):
    names = ("headSha", "inputsId", "digest", "moduleTreeHash", "lockFileHash", "terraformVersion", "policyHash")
    element = {name: plan[name] for name in (*names, "configurationHash", "checks")}
    return {**element, "project": project, "tier": plan["demand"]["tier"]}


def state_words(state):
    return state if isinstance(state, str) else f"lineage {state['lineage']} serial {state['serial']}"


class Directory:
    def __init__(self, people):
        self.accounts, self.gitlab, self.emails = {}, {}, {}
        for person in people:
            self.accounts.update({account: person["id"] for account in person["jiraAccounts"]})
            self.gitlab.update({number: person["id"] for number in person["gitlabIds"]})
            self.emails.update({email.lower(): person["id"] for email in person["emails"]})

    def parts(self, change):
        """Who takes which part, by id; nobody knows is None."""
        contents = change.revision.get("contents", {})
        adjusters = {self.gitlab.get(number) for number in change.adjusters}
        return {
            "requester": {self.gitlab.get(change.revision["author"]["id"])},
            "commit-author": {self.emails.get(email.lower()) for email in contents.get("commitAuthors", [])} | adjusters,
            "committer": {self.emails.get(email.lower()) for email in contents.get("committers", [])},
            "pusher": {self.gitlab.get(number) for number in contents.get("pushers") or [None]},
        }


class Change:
    """What the log has said of one change so far."""

    def __init__(self):
        self.reading = None  # the merge request as it was read last
        self.revision = None  # the reading that opened the revision
        self.adjusters = set()  # whose comments had states adjusted, which is planned with it
        self.plans = {}  # project: its latest plan in this revision, None when there is none
        self.runs = {}  # plan run: its plan
        self.front = None  # what goes, or went, before the approver
        self.review = None  # the same, once the ticket was in review for it
        self.moves = []
        self.approvals = []
        self.go = {}  # project: (time of the entry, what the gates saw)
        self.judged = {}  # project: the approval that they judged
        self.commands = set()
        self.attempts = {}
        self.over = False
        self.glass = None  # an emergency that a second person confirmed

    def learn_pushers(self):
        """Who pushed may be known by a later reading of the same head only."""
        if self.revision is None or self.revision["headSha"] != self.reading["headSha"]:
            return
        contents, pushers = self.revision.get("contents", {}), self.reading.get("contents", {}).get("pushers")
        if pushers and not contents.get("pushers"):
            self.revision = {**self.revision, "contents": {**contents, "pushers": pushers}}

    def void(self):
        self.review, self.approvals = None, []


class Log:
    def __init__(self, directory):
        self.directory, self.changes, self.violations, self.applies = directory, {}, [], 0
        self.claimed, self.holds, self.mandates, self.index = {}, {}, {}, 0

    def found(self, rule, what):
        self.violations.append((self.index, rule, what))

    def expect(self, holds, rule, what):
        if not holds:
            self.found(rule, what)

    def read(self, envelope, payload):
        self.index = envelope["idx"]
        change_id = envelope["subject"].get("changeId")
        if payload is None:
            return
        if change_id is None:
            return self.of_mandate(envelope, payload)
        change = self.changes.setdefault(change_id, Change())
        handler = getattr(self, "on_" + envelope["type"].replace("-", "_"), None)
        if handler is not None:
            handler(change, payload, {**envelope, "changeId": change_id, "at": time_of(envelope["ts"])})
        if "presenting" in payload:
            self.present(change, payload["presenting"])

    # what is asked for

    def on_merge_request_read(self, change, payload, entry):
        change.reading = payload["reading"]
        change.learn_pushers()
        self.over(change, entry, change.reading["state"] != "open")

    def on_revision_opened(self, change, payload, _entry):
        change.revision, change.plans, change.go, change.adjusters = change.reading, {}, {}, set()
        self.expect(change.reading["headSha"] == payload["headSha"], "order", "a revision of a head nobody read")
        change.void()

    def on_plan_run_ended(self, change, payload, _entry):
        outcome = payload["outcome"]
        plan = outcome["plan"] if outcome["kind"] == "planned" else None
        change.plans[payload["project"]] = plan
        if plan is not None:
            change.runs[plan["planRunId"]] = plan

    def present(self, change, presenting):
        change.void()
        change.front, elements = presenting, presenting["tuple"]["projects"]
        self.expect(tuple_hash(presenting["tuple"]) == presenting["tupleHash"], "hash", "the tuple has another hash")
        for element in elements:
            plan = change.plans.get(element["project"])
            known = plan is not None and element_of(element["project"], plan) == element
            self.expect(known, "digest", f"{element['project']} goes to review with what no plan of it says")

    # what people say to it

    def on_ticket_presented(self, change, payload, _entry):
        front = change.front
        if front is None or (front["key"], front["round"]) != (payload["key"], payload["round"]):
            return
        self.expect(front["tupleHash"] == payload["tupleHash"], "hash", "the ticket was bound to another tuple")
        change.review, change.approvals, change.moves = {**front, "moveId": payload["moveId"]}, [], []

    def on_ticket_read(self, change, payload, entry):
        reading, review = payload["reading"], change.review
        moves = reading["moves"]
        during = review and [f"{review['key']} {review['round']} {status}" for status in ("in-review", "approved")]
        older = moves == change.moves[: len(moves)] and ("desk" not in reading or len(moves) < len(change.moves))
        if review is None or payload["during"] not in during or older:
            return  # of another review, or an older picture than the one that is known
        change.moves, ids = moves, [move["id"] for move in moves]
        if review["moveId"] not in ids:
            return
        opening = ids.index(review["moveId"])
        found = approvals_in(moves[opening + 1 :], payload["bot"])
        if "desk" in reading:
            found = approvals_on_desk(reading["desk"], moves[opening:], payload["bot"])
        if reading.get("boundTuple") != review["tupleHash"]:
            found = []
        heard, deciders = {each["id"]: each for each in change.approvals}, payload.get("deciders", {})
        change.approvals = [
            heard.get(each["id"], {**each, "heard": entry["at"], "decider": deciders.get(each["account"])})
            for each in found
            if each["accountKind"] == "person" and each["active"]
        ]

    def on_approval_voided(self, change, _payload, _entry):
        change.void()

    on_verdict_refused = on_approval_expired = on_approval_voided

    def on_ticket_withdrawn(self, change, payload, _entry):
        if change.review is not None and payload["round"] >= change.review["round"]:
            change.void()

    def on_command_received(self, change, payload, entry):
        if payload["command"]["verb"] == "apply":
            change.commands.add(payload["by"].get("person"))
        if payload["command"]["verb"] in ("import", "state-rm") and not payload["refusals"]:
            change.adjusters.add(payload["by"]["gitlabId"])
        if payload["command"]["verb"] == "unlock" and not payload["refusals"]:
            self.on_hold_released(change, payload["command"], entry)

    def on_gates_evaluated(self, change, payload, entry):
        for verdict in payload["verdicts"]:
            if verdict["go"]:
                change.go[verdict["project"]] = (entry["at"], verdict.get("found"))
                change.judged[verdict["project"]] = verdict.get("approval")

    # what is done

    def on_attempt_claimed(self, change, payload, entry):
        if payload["refusals"]:
            return
        self.applies += 1
        project, standing = payload["project"], payload["standing"]
        plan = change.runs.get(payload["planRunId"])
        attempt = {"project": project, "plan": plan, "element": standing["element"], "started": False, "ended": None}
        attempt["key"] = change.front["key"] if change.front else None
        self.expect(payload["attemptId"] not in change.attempts, "twice", "an attempt is claimed again")
        change.attempts[payload["attemptId"]] = attempt
        for what in (payload["bundleHash"], payload["planRunId"]):
            self.expect(what not in self.claimed, "twice", f"{what} had its one attempt at entry {self.claimed.get(what)}")
            self.claimed[what] = self.index
        if plan is None or change.revision is None:
            return self.found("plan", f"{project} is applied and was never planned")
        self.hold(change, project, entry["changeId"])
        self.expect(payload["bundleHash"] == plan["bundleHash"], "bundle", f"{project}: not the bundle of its plan")
        self.expect(standing["element"] == element_of(project, plan), "digest", f"{project}: not what its plan says")
        self.expect(change.plans.get(project) == plan, "plan", f"{project} was planned again since")
        approval = standing["approval"] or {"kind": "no"}
        self.commanded(change, project, entry, approval["kind"] == "break-glass")
        if change.front is None or (approval["kind"] == "decided" and change.review is None):
            return self.found("unapproved", f"{project}: no approval was in force")
        self.same_tuple(change, project)
        judged = is_named(approval, change.judged.get(project))
        self.expect(judged, "gates", f"{project}: what it was claimed on is not what the gates judged")
        seen = self.gates(change, project, plan, entry)
        if approval["kind"] == "decided":
            self.approved(change, approval, seen, entry)
        elif approval["kind"] == "standing":
            self.in_advance(change, approval.get("mandate"), plan, entry)
        elif approval["kind"] == "break-glass":
            self.in_emergency(change, project, entry)
        else:
            self.found("unapproved", f"{project}: {approval['kind']} approval")

    def hold(self, change, project, change_id):
        place = (change.reading["mergeRequest"]["repository"], project)
        holder = self.holds.setdefault(place, change_id)
        self.expect(holder == change_id, "hold", f"{project} belongs to {holder}")

    def over(self, change, entry, is_over):
        """Merged or closed, and nothing of it running: what it held is anybody's again."""
        change.over = is_over
        if is_over and all(attempt["ended"] is not None for attempt in change.attempts.values()):
            self.holds = {place: holder for place, holder in self.holds.items() if holder != entry["changeId"]}

    def on_hold_released(self, _change, payload, entry):
        project = payload.get("project")  # of a command that names none: every project of the change
        for place, holder in list(self.holds.items()):
            if holder == entry["changeId"] and project in (None, place[1]):
                del self.holds[place]

    def on_merged(self, change, _payload, entry):
        self.over(change, entry, True)

    def commanded(self, change, project, entry, in_emergency):
        targets = change.revision["contents"]["projects"]
        on_command = any(each["key"] == project and each["applyOn"] == "command" for each in targets)
        who = entry["actor"].removeprefix("person:") if entry["actor"].startswith("person:") else None
        if who is None:
            return self.expect(not on_command, "operator", f"{project} is applied on command, and nobody commanded")
        self.expect(who in change.commands, "operator", f"no command of {who} is recorded")
        # In an emergency whoever is there applies, and a second person confirms.
        own = not in_emergency and who in self.directory.parts(change)["requester"]
        self.expect(not own, "operator", f"{who} commands what they asked for")

    def same_tuple(self, change, project):
        approved = {element["project"]: element for element in change.front["tuple"]["projects"]}
        self.expect(project in approved, "other-tuple", f"{project} is not part of what was approved")
        for each, element in approved.items():
            plan = change.plans.get(each)
            if plan is None:
                self.found("other-tuple", f"{each} was approved with a plan it no longer has")
                continue
            now = element_of(each, plan)
            different = [name for name, value in element.items() if now.get(name) != value]
            self.expect(not different, "other-tuple", f"{each}: {', '.join(different)}: not what was approved")

    def gates(self, change, project, plan, entry):
        """What the gates saw, when they said yes after the approval, and that it is what was approved."""
        at, seen = change.go.get(project, (None, None))
        if at is None or seen is None:
            return self.found("gates", f"the gates never said yes for {project}")
        heard = max((approval["heard"] for approval in change.approvals), default=at)
        self.expect(at >= heard, "gates", f"{project}: the gates said yes before it was approved")
        self.expect(entry["at"] - at <= GATES_VALID, "gates", f"{project}: the gates were asked too long ago")
        head = change.reading["headSha"]
        self.expect(head == plan["headSha"], "head", f"{project}: the head is {head}, planned {plan['headSha']}")
        self.expect(seen["headSha"] == plan["headSha"], "head", f"{project}: the gates saw another head")
        wanted = {name: plan[member] for name, member in ELEMENTS.items()}
        wanted["plan bundle"], wanted["state"] = plan["bundleHash"], state_words(plan["state"])
        wanted["approved tuple"] = change.front["tupleHash"]
        for name, value in wanted.items():
            live = seen["elements"].get(name)
            self.expect(live == value, "moved", f"{project}: {name} was {live} when the gates looked, approved {value}")
        return seen

    def approved(self, change, claimed_on, seen, entry):
        """Enough people, none of them a party to it, said yes to this, and it still held."""
        moves = [verdict["moveId"] for verdict in [*claimed_on["given"], claimed_on["verdict"]]]
        unknown = set(moves) - {approval["id"] for approval in change.approvals}
        self.expect(not unknown, "unapproved", f"the log has no approval by move {', '.join(sorted(unknown))}")
        plans = [change.plans.get(element["project"]) for element in change.front["tuple"]["projects"]]
        demands = [plan["demand"] for plan in plans if plan is not None]
        steps, fitting = {}, {}
        for step in (step for demand in demands for step in demand["approvals"]):
            place = (step["id"], *sorted(step["from"]))
            steps[place] = max(steps.get(place, 0), step["count"])
        places = [set(groups) for (_id, *groups), count in steps.items() for _ in range(count)]
        valid = min((demand["approvalValidSeconds"] for demand in demands), default=0)
        for approval in change.approvals:
            if approval["id"] in moves and self.counts(change, approval, timedelta(seconds=valid), seen, entry):
                fitting[approval["decider"]["person"]] = set(approval["decider"]["groups"])
        missing = len(places) - filled(places, fitting)
        self.expect(places and missing == 0, "too-few", f"{missing} of {len(places)} approvals are missing")

    def counts(self, change, approval, valid, seen, entry):
        decider, who = approval["decider"], self.directory.accounts.get(approval["account"])
        if who is None or decider is None or decider["person"] != who:
            return self.found("stranger", f"{approval['account']} approved, and nobody knew who that was")
        self.expect("approver" in decider["roles"], "stranger", f"{who} approved without being an approver")
        for part, people in self.directory.parts(change).items():
            apart = who not in people and None not in people
            self.expect(apart, "own", f"{who} approved; the {part} is {', '.join(map(str, people))}")
        age = (time_of(seen["at"]) if seen else entry["at"]) - approval["heard"]
        self.expect(age <= valid, "expired", f"the approval of {who} was {age} old")
        now = {each["account"]: each.get("now") or {} for each in (seen or {}).get("approvals", [])}
        still = not seen or "approver" in now.get(approval["account"], {}).get("roles", [])
        self.expect(still, "left", f"{who} was no approver any more when the gates looked")
        return True

    def in_advance(self, change, named, plan, entry):
        """A standing approval, itself approved on its ticket, covers it."""
        mandate = self.mandates.get(named["id"]) if named else None
        if mandate is None or mandate["approval"] is None or mandate["ended"]:
            return self.found("unapproved", "no standing approval was in force")
        terms, approver = mandate["terms"], mandate["approval"]
        self.expect(terms["kind"] == "standing-approval", "unapproved", "the mandate approves nothing")
        self.expect(entry["at"] < time_of(terms["until"]), "expired", f"the standing approval ended at {terms['until']}")
        self.expect(terms["tier"] == plan["demand"]["tier"], "unapproved", f"it covers tier {terms['tier']}")
        self.expect(plan["demand"].get("standing") is True, "unapproved", "the tier is not approved in advance")
        self.expect("approver" in approver["roles"], "stranger", f"{approver['person']} was no approver")
        self.expect(approver["person"] != mandate["requestedBy"], "own", f"{approver['person']} asked for the mandate")
        for part, people in self.directory.parts(change).items():
            self.expect(approver["person"] not in people, "own", f"{approver['person']} approved in advance and is {part}")

    def of_mandate(self, envelope, payload):
        key, kind = envelope["subject"].get("mandate"), envelope["type"]
        if kind == "mandate-opened":
            self.mandates[key] = {**payload, "approval": None, "ended": False}
        elif key in self.mandates and kind == "mandate-in-force":
            self.mandates[key]["approval"] = payload["heard"]["approval"]
        elif key in self.mandates and kind == "mandate-not-in-force":
            self.mandates[key]["approval"] = None
        elif key in self.mandates and kind == "mandate-ended":
            self.mandates[key]["ended"] = True

    def on_break_glass_confirmed(self, change, payload, _entry):
        change.glass = payload

    def on_break_glass_over(self, change, _payload, _entry):
        change.glass = None

    def in_emergency(self, change, project, entry):
        """An operator asked, another person confirmed it in time, for this very tuple and this project."""
        glass = change.glass
        if glass is None or glass.get("by") is None or glass.get("askedBy") is None:
            return self.found("unapproved", f"{project}: nobody broke the glass for it")
        self.expect(glass["by"] != glass["askedBy"], "own", f"{glass['by']} confirmed their own emergency")
        self.expect(glass["tupleHash"] == change.front["tupleHash"], "other-tuple", "the glass was broken for another plan")
        self.expect(project in glass["projects"], "other-tuple", f"the glass was not broken for {project}")
        self.expect(entry["at"] <= time_of(glass["until"]), "expired", f"the glass was broken until {glass['until']}")

    def on_attempt_started(self, change, payload, _entry):
        if payload["refusals"]:
            return
        attempt = change.attempts.get(payload["attemptId"])
        if attempt is None:
            return self.found("order", "an attempt was started that nobody claimed")
        self.expect(not attempt["started"] and attempt["ended"] is None, "twice", "an attempt was started again")
        attempt["started"] = True
        self.expect(payload["standing"]["element"] == attempt["element"], "digest", "started on another plan")
        if attempt["plan"] is not None:
            state, planned = payload["state"], attempt["plan"]["state"]
            self.expect(state == planned, "moved", f"the state was {state_words(state)}, planned {state_words(planned)}")

    def on_attempt_ended(self, change, payload, entry):
        attempt = change.attempts.get(payload["attemptId"])
        if attempt is None:
            return self.found("order", "an attempt ended that nobody claimed")
        attempt["ended"] = payload["outcome"]["kind"]
        ran = attempt["ended"] in ("succeeded", "failed-partial")
        self.expect(attempt["started"] or not ran, "order", "an attempt changed something and was never started")
        self.over(change, entry, change.over)

    def on_release_tagged(self, change, payload, _entry):
        done = [a for a in change.attempts.values() if a["ended"] == "succeeded" and a["plan"]["headSha"] == payload["sha"]]
        self.expect(done, "tag", f"{payload['tag']} is on {payload['sha']}, and nothing of that was applied")
        keys = {f"release/{attempt['key']}" for attempt in done}
        self.expect(not done or payload["tag"] in keys, "tag", f"{payload['tag']} is not named for its approval")
        applied = {attempt["project"] for attempt in done}
        wanted = {element["project"] for element in change.front["tuple"]["projects"]} if change.front else set()
        self.expect(wanted <= applied, "tag", f"{payload['tag']} was made before all of it was applied")


def approvals_in(moves, bot):
    """Moves of people from In review to Approved that nobody but our own account took back, to ask on or to start."""
    standing = []
    for move in moves:
        if move["account"] == bot:
            standing = standing if move["from"] == "approved" and move["to"] in ("in-review", "applying") else []
        else:
            standing = [*standing, move] if (move["from"], move["to"]) == ("in-review", "approved") else []
    return standing


def approvals_on_desk(desk, moves, bot):
    """What was asked for on the service desk since the ticket went to review, or was taken back there, and approved."""
    begin = [move for move in moves if move["to"] == "in-review" and move["account"] != bot] or moves[:1]
    if moves[-1]["to"] not in ("in-review", "approved", "applying"):
        return []
    asked = [each for each in desk if time_of(each["openedAt"]) >= time_of(begin[-1]["at"])]
    decisions = [{**one, "id": f"approval-{each['id']}-{one['account']}"} for each in asked for one in each["decisions"]]
    if any(one["decision"] == "declined" for one in decisions):
        return []
    return [one for one in decisions if one["decision"] == "approved"]


def is_named(approval, name):
    """Whether the gates judged this approval; those that came to it since do not matter."""
    if name is None or name["kind"] != approval["kind"]:
        return False
    if name["kind"] == "decided":
        moves = [verdict["moveId"] for verdict in [*approval["given"], approval["verdict"]]]
        return set(name["moves"]) <= set(moves)
    if name["kind"] == "standing":
        return name.get("mandate") in (None, (approval.get("mandate") or {}).get("id"))
    return name["noteId"] == approval["glass"]["noteId"]


def filled(places, people):
    """How many places can be filled, each person filling one: the largest matching, by augmenting paths."""
    holder = {}

    def seat(person, tried):
        for place, groups in enumerate(places):
            if place in tried or (groups and not groups & people[person]):
                continue
            tried.add(place)
            if place not in holder or seat(holder[place], tried):
                holder[place] = person
                return True
        return False

    return sum(seat(person, set()) for person in people)


def check(bundle, directory):
    log = Log(directory)
    with open(os.path.join(bundle, "payloads.jsonl"), "rb") as file:
        payloads = {line["idx"]: line.get("payload") for line in map(json.loads, file)}
    with open(os.path.join(bundle, "envelopes.jsonl"), "rb") as file:
        for envelope in map(json.loads, file):
            text = payloads.get(envelope["idx"])
            log.read(envelope, None if text is None else json.loads(text))
    return log


def main(arguments):
    if len(arguments) < 3 or arguments[0] != "--people":
        print(__doc__)
        return 3
    with open(arguments[1], encoding="utf-8") as file:
        directory = Directory(json.load(file))
    worst = 0
    for bundle in arguments[2:]:
        log = check(bundle, directory)
        for index, rule, what in log.violations:
            print(f"{bundle}: entry {index}: {rule}: {what}")
        print(f"{bundle}: {log.applies} applies, {len(log.violations)} violations")
        worst = max(worst, min(1, len(log.violations)))
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
