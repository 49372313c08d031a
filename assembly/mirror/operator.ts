// What an operator may ask for (abi/operator.ts). Requests make sense while the array is served; at any other time they are ignored.

import {
  OPERATOR_ATTACH,
  OPERATOR_DETACH,
  OPERATOR_POINT,
  OPERATOR_PROMOTE,
  OPERATOR_SCRUB,
  OPERATOR_STOP,
} from '../abi/operator'
import { BAY_STATE_FAULTY } from '../abi/status'
import { bayOf } from './array'
import { bringBack, keepOut } from './arrivals'
import { BAYS } from './memory'
import { failMember } from './metadata'
import { isServing } from './recovery'
import { changeRole } from './remoteRoles'
import { takePointSoon } from './schedule'
import { requestScrub } from './scrub'
import { snapshotRequest } from './snapshot'
import { isStopping, requestStop } from './stop'

export function operatorRequest(request: u32, bay: u32): void {
  if (!isServing() || isStopping()) return
  if (request == OPERATOR_SCRUB) requestScrub()
  else if (request == OPERATOR_STOP) requestStop()
  else if (request == OPERATOR_POINT) takePointSoon()
  else if (snapshotRequest(request)) return
  else if (request >= <u32>OPERATOR_PROMOTE) changeRole(request)
  else if (bay >= BAYS) return
  else if (request == OPERATOR_DETACH) detach(bay)
  else if (request == OPERATOR_ATTACH) attach(bay)
}

/** As a member that failed: no write is acknowledged before the others have it recorded. The last one in sync stays. */
function detach(bay: u32): void {
  keepOut(bay)
  failMember(bay)
}

function attach(bay: u32): void {
  if (bayOf(bay).state == BAY_STATE_FAULTY) bringBack(bay)
}
