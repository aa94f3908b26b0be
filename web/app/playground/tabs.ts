/** Tab is what GraphiQL needs to open one. */
export interface Tab {
  query: string;
}

const STATUS = `fragment Status on UserStatus {
  userID
  statusType
  customStatus
  availability
  platforms
  lastOnlineAt
  version
}
`;

/** The tabs a person finds at first, theirs in front: others are whom to ask about and to follow. */
export function defaultTabs(others: string[], admin: boolean): Tab[] {
  const list = `[${others.map((userID) => JSON.stringify(userID)).join(", ")}]`;
  const own = [{ query: ownStatus(list) }, { query: everyoneElse(list) }];
  return admin ? [{ query: ADMIN }, ...own] : [...own, { query: ADMIN }];
}

const ownStatus = (others: string) => `# Put the cursor into an operation and press
# Ctrl+Enter, or choose one at the play button.
# To see changes arrive, open this page a second
# time as somebody else.

# Who am I, and who may see me?
query Self {
  self {
    visibility
    blockedUserIDs
    status { ...Status }
  }
}

# A text of my own, up to 100 bytes.
# Whoever follows me is told at once.
mutation SetText {
  setSelfStatus(customStatus: "in a meeting") {
    ...Status
  }
}

# From now on I hear of these users' changes,
# until I cancel it.
mutation Follow {
  subscribeUserStatus(userIDList: ${others}) {
    successUserList { ...Status }
    failureUserList { userID code message }
  }
}

# Opens the socket: I am ONLINE while it runs.
# First comes everybody I follow as they are now,
# then each change.
subscription Updates {
  userStatusUpdated(snapshot: true) {
    ...Status
  }
}

${STATUS}`;

const everyoneElse = (others: string) => `# Anybody's status, without following them.
# IDs that nobody has come back as failures.
query Others {
  userStatus(userIDList: ${others}) {
    successUserList { ...Status }
    failureUserList { userID code message }
  }
}

# Everybody I follow.
query Following {
  subscribedUserStatus { ...Status }
}

# [] cancels all.
mutation Unfollow {
  unsubscribeUserStatus(userIDList: ${others}) {
    failureUserList { userID code message }
  }
}

mutation Busy {
  setSelfAvailability(availability: BUSY) { ...Status }
}

# To everybody else I look offline from now on.
# EVERYONE takes it back.
mutation Hide {
  setSelfVisibility(visibility: NOBODY) { visibility }
}

mutation Logout {
  logout(allDevices: true) { ...Status }
}

${STATUS}`;

const ADMIN = `# For the app's backend: these need a token
# with role "admin".
query Settings {
  settings {
    userStatusEnabled
    friendStatusNotificationEnabled
  }
}

mutation Register {
  registerUsers(userIDList: ["erin", "frank"]) {
    failureUserList { userID code message }
  }
}

mutation Befriend {
  addFriends(userID: "erin", friendIDList: ["frank"]) {
    failureUserList { userID code message }
  }
}

# Friends are told of each other's changes while this is on.
mutation NotifyFriends {
  updateSettings(friendStatusNotificationEnabled: true) {
    friendStatusNotificationEnabled
  }
}
`;
