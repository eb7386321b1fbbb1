import type { ScreenField, WorkflowDefinition } from './workflow.ts';

/** Status ids of the default workflow, to be put into the product's configuration. */
export const defaultStatusIds = {
  requested: '10100',
  inReview: '10101',
  approved: '10102',
  rejected: '10103',
  applying: '10104',
  done: '10105',
  failed: '10106',
  superseded: '10107',
  expired: '10108',
} as const;

export const approversGroup = 'change-approvers';
export const botsGroup = 'change-bots';

const ids = defaultStatusIds;
const botOnly = [{ type: 'in-group' as const, groups: [botsGroup] }];
const approverOnly = [{ type: 'in-group' as const, groups: [approversGroup] }];
const open = [ids.requested, ids.inReview, ids.approved];
const closingScreen: ScreenField[] = [{ fieldId: 'resolution', required: false }];

/** The change-approval workflow: people decide between In review and Approved or Rejected, the bot does the rest. */
export const defaultWorkflow: WorkflowDefinition = {
  name: 'Change approval',
  initialStatusId: ids.requested,
  statuses: [
    { id: ids.requested, name: 'Requested', category: 'new' },
    { id: ids.inReview, name: 'In review', category: 'indeterminate' },
    { id: ids.approved, name: 'Approved', category: 'indeterminate' },
    { id: ids.rejected, name: 'Rejected', category: 'done' },
    { id: ids.applying, name: 'Applying', category: 'indeterminate' },
    { id: ids.done, name: 'Done', category: 'done' },
    { id: ids.failed, name: 'Failed', category: 'done' },
    { id: ids.superseded, name: 'Superseded', category: 'done' },
    { id: ids.expired, name: 'Expired', category: 'done' },
  ],
  transitions: [
    { id: '11', name: 'Submit for review', from: [ids.requested], to: ids.inReview, conditions: botOnly },
    {
      id: '21',
      name: 'Approve',
      from: [ids.inReview],
      to: ids.approved,
      conditions: approverOnly,
      screen: [],
    },
    {
      id: '31',
      name: 'Reject',
      from: [ids.inReview],
      to: ids.rejected,
      conditions: approverOnly,
      screen: [],
      setResolution: "Won't Do",
    },
    { id: '41', name: 'Start applying', from: [ids.approved], to: ids.applying, conditions: botOnly },
    {
      id: '51',
      name: 'Complete',
      from: [ids.applying],
      to: ids.done,
      conditions: botOnly,
      screen: closingScreen,
      setResolution: 'Done',
    },
    {
      id: '61',
      name: 'Fail',
      from: [...open, ids.applying],
      to: ids.failed,
      conditions: botOnly,
      screen: closingScreen,
      setResolution: "Won't Do",
    },
    {
      id: '71',
      name: 'Supersede',
      from: open,
      to: ids.superseded,
      conditions: botOnly,
      screen: closingScreen,
      setResolution: "Won't Do",
    },
    {
      id: '81',
      name: 'Expire',
      from: open,
      to: ids.expired,
      conditions: botOnly,
      screen: closingScreen,
      setResolution: "Won't Do",
    },
    {
      id: '91',
      name: 'Withdraw from review',
      from: [ids.inReview, ids.approved, ids.rejected, ids.applying],
      to: ids.requested,
      conditions: botOnly,
      screen: [],
      setResolution: null,
    },
    {
      id: '101',
      name: 'Return to review',
      from: [ids.approved],
      to: ids.inReview,
      conditions: [{ type: 'in-group', groups: [botsGroup, approversGroup] }],
      screen: [],
    },
    {
      id: '111',
      name: 'Start applying without review',
      from: [ids.requested],
      to: ids.applying,
      conditions: botOnly,
    },
  ],
};
