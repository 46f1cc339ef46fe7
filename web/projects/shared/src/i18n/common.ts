import type { ApiProblem } from '../api/problem';
import { Translate, dictionary } from './i18n';

/** Words both apps use. An app's own dictionary spreads these in. */
export const commonVi = {
  'app.name': 'DILIGO DMS',
  'common.save': 'Lưu',
  'common.cancel': 'Huỷ',
  'common.close': 'Đóng',
  'common.retry': 'Thử lại',
  'common.search': 'Tìm',
  'common.loading': 'Đang tải…',
  'common.noData': 'Không có dữ liệu',
  'common.logout': 'Đăng xuất',
  'common.login': 'Đăng nhập',
  'common.username': 'Tên đăng nhập',
  'common.password': 'Mật khẩu',
  'common.language': 'Ngôn ngữ',
  'login.failed': 'Tên đăng nhập hoặc mật khẩu không đúng.',
  'login.locked': 'Tài khoản bị khoá vì nhập sai nhiều lần. Hãy thử lại lúc {time}.',
  'login.lockedShort': 'Tài khoản bị khoá vì nhập sai nhiều lần. Hãy thử lại sau 15 phút.',
  'login.idle': 'Phiên làm việc đã kết thúc vì không thao tác trong 30 phút.',
  'login.expired': 'Phiên làm việc đã hết hạn. Hãy đăng nhập lại.',
  'password.title': 'Đổi mật khẩu',
  'password.due': 'Mật khẩu này do quản trị đặt. Hãy chọn mật khẩu của riêng bạn để tiếp tục.',
  'password.current': 'Mật khẩu hiện tại',
  'password.fresh': 'Mật khẩu mới',
  'password.again': 'Nhập lại mật khẩu mới',
  'password.rules': 'Mật khẩu mới cần:',
  'password.rule.length': 'Ít nhất 8 ký tự',
  'password.rule.upper': 'Có chữ hoa',
  'password.rule.lower': 'Có chữ thường',
  'password.rule.digit': 'Có chữ số',
  'password.rule.special': 'Có ký tự đặc biệt (ví dụ @ # !)',
  'password.rule.last': 'Khác 5 mật khẩu gần nhất',
  'password.ruleMet': 'đạt',
  'password.needCurrent': 'Hãy nhập mật khẩu hiện tại.',
  'password.weak': 'Mật khẩu mới chưa đủ các yêu cầu đã nêu.',
  'password.differs': 'Hai lần nhập mật khẩu mới không giống nhau.',
  'password.submit': 'Đổi mật khẩu',
  'password.busy': 'Đang đổi…',
  'password.done': 'Đã đổi mật khẩu.',
  'error.network': 'Không kết nối được máy chủ. Hãy kiểm tra mạng rồi thử lại.',
  'error.forbidden': 'Tài khoản này không có quyền làm việc đó.',
  'error.notFound': 'Không tìm thấy, hoặc tài khoản này không được xem.',
  'error.conflict': 'Dữ liệu vừa được người khác thay đổi. Hãy tải lại rồi thử lại.',
  'error.tooMany': 'Quá nhiều yêu cầu. Hãy đợi một lát rồi thử lại.',
  'error.server': 'Máy chủ gặp lỗi. Hãy thử lại; nếu vẫn lỗi, báo mã {traceId} cho bộ phận hỗ trợ.',
  'error.unknown': 'Có lỗi không mong đợi ({code}). Hãy thử lại.',
  'role.sales_rep': 'Nhân viên bán hàng',
  'role.supervisor': 'Giám sát bán hàng',
  'role.area_manager': 'Quản lý khu vực (ASM)',
  'role.regional_manager': 'Quản lý vùng (RSM)',
  'role.distributor_admin': 'Quản trị NPP',
  'role.company_admin': 'Quản trị công ty',
  'orderStatus.Draft': 'Nháp',
  'orderStatus.Pending': 'Chờ duyệt',
  'orderStatus.Approved': 'Đã duyệt',
  'orderStatus.Rejected': 'Từ chối',
  'orderStatus.Cancelled': 'Đã huỷ',
  'orderStatus.Invoiced': 'Đã lập phiếu bán',
  'orderStatus.Issued': 'Đã xuất kho',
  'visitResult.HasOrder': 'Có đơn',
  'visitResult.NoOrder': 'Không có đơn',
  'visitResult.Closed': 'Đóng cửa',
  'visitResult.OwnerAway': 'Chủ đi vắng',
  'unit.whole': 'chẵn',
  'unit.retail': 'lẻ',
} as const;

export const commonEn: Record<keyof typeof commonVi, string> = {
  'app.name': 'DILIGO DMS',
  'common.save': 'Save',
  'common.cancel': 'Cancel',
  'common.close': 'Close',
  'common.retry': 'Try again',
  'common.search': 'Search',
  'common.loading': 'Loading…',
  'common.noData': 'No data',
  'common.logout': 'Log out',
  'common.login': 'Log in',
  'common.username': 'User name',
  'common.password': 'Password',
  'common.language': 'Language',
  'login.failed': 'Wrong user name or password.',
  'login.locked': 'The account is locked after too many wrong passwords. Try again at {time}.',
  'login.lockedShort':
    'The account is locked after too many wrong passwords. Try again in 15 minutes.',
  'login.idle': 'The session ended after 30 minutes without activity.',
  'login.expired': 'The session has expired. Please log in again.',
  'password.title': 'Change password',
  'password.due': 'An administrator set this password. Choose your own to go on.',
  'password.current': 'Current password',
  'password.fresh': 'New password',
  'password.again': 'New password again',
  'password.rules': 'The new password needs:',
  'password.rule.length': 'At least 8 characters',
  'password.rule.upper': 'An upper-case letter',
  'password.rule.lower': 'A lower-case letter',
  'password.rule.digit': 'A digit',
  'password.rule.special': 'A special character (such as @ # !)',
  'password.rule.last': 'To differ from the last 5',
  'password.ruleMet': 'met',
  'password.needCurrent': 'Enter the current password.',
  'password.weak': 'The new password does not yet meet the demands listed.',
  'password.differs': 'The two new passwords are not the same.',
  'password.submit': 'Change password',
  'password.busy': 'Changing…',
  'password.done': 'The password has been changed.',
  'error.network': 'Cannot reach the server. Check the network and try again.',
  'error.forbidden': 'This account has no right to do that.',
  'error.notFound': 'Not found, or this account may not see it.',
  'error.conflict': 'Somebody else has just changed this. Reload and try again.',
  'error.tooMany': 'Too many requests. Wait a moment and try again.',
  'error.server': 'The server failed. Try again; if it stays, give code {traceId} to support.',
  'error.unknown': 'Unexpected error ({code}). Please try again.',
  'role.sales_rep': 'Sales rep',
  'role.supervisor': 'Supervisor',
  'role.area_manager': 'Area manager',
  'role.regional_manager': 'Regional manager',
  'role.distributor_admin': 'Distributor admin',
  'role.company_admin': 'Company admin',
  'orderStatus.Draft': 'Draft',
  'orderStatus.Pending': 'Pending',
  'orderStatus.Approved': 'Approved',
  'orderStatus.Rejected': 'Rejected',
  'orderStatus.Cancelled': 'Cancelled',
  'orderStatus.Invoiced': 'Invoiced',
  'orderStatus.Issued': 'Issued',
  'visitResult.HasOrder': 'Ordered',
  'visitResult.NoOrder': 'No order',
  'visitResult.Closed': 'Closed',
  'visitResult.OwnerAway': 'Owner away',
  'unit.whole': 'case',
  'unit.retail': 'piece',
};

/** The dictionary of the common words alone. */
export const common = dictionary(commonVi, commonEn);
export type CommonKey = keyof typeof commonVi;

/** What to tell the user about a failed call: the server's own words, or ours when it had none. */
export function problemText(problem: ApiProblem, t: Translate<CommonKey>): string {
  if (problem.offline) return t('error.network');
  if (problem.status >= 500) return t('error.server', { traceId: problem.traceId ?? '–' });
  if (problem.detail) return problem.detail;
  switch (problem.status) {
    case 403:
      return t('error.forbidden');
    case 404:
      return t('error.notFound');
    case 409:
    case 412:
      return t('error.conflict');
    case 429:
      return t('error.tooMany');
    default:
      return problem.title || t('error.unknown', { code: problem.code });
  }
}
